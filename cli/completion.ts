import type { Command } from './command.ts';
import { type Argument, type Definition, globalOptions, type Option } from './definition.ts';

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** What may follow a command. */
interface Place {
  /** Command path without the program, `''` for the program itself. */
  readonly path: string;
  readonly subcommands: readonly Pick<Definition, 'name' | 'summary'>[];
  readonly options: readonly Option[];
  readonly arguments: readonly Argument[];
}

const help: Option = { name: 'help', short: 'h', summary: 'Print help' };

const visible = (options: readonly Option[] = []) => options.filter(({ hidden }) => !hidden);

/** Every command path with what may follow it. */
function placesOf(commands: readonly Command[], path = ''): Place[] {
  return commands.flatMap(({ definition, subcommands = [] }) => {
    const own = `${path} ${definition.name}`.trim();
    const place: Place = {
      path: own,
      subcommands: subcommands.map((each) => each.definition),
      options: [...visible(definition.options), ...globalOptions, help],
      arguments: definition.arguments ?? [],
    };
    return [place, ...placesOf(subcommands, own)];
  });
}

/** A completion script, printed from the definitions. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const top: Place = {
    path: '',
    subcommands: [
      ...commands.map(({ definition }) => definition),
      { name: 'help', summary: 'Print help of a command' },
    ],
    options: [...globalOptions, help, { name: 'version', short: 'V', summary: 'Print the version' }],
    arguments: [],
  };
  const places = [top, ...placesOf(commands)];
  return { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript }[shell](places);
}

/** Words that can be completed at a place: subcommands, choices of arguments, options. */
const wordsOf = ({ subcommands, options, arguments: all }: Place) => [
  ...subcommands.map(({ name }) => name),
  ...all.flatMap(({ choices = [] }) => choices),
  ...options.map(({ name }) => `--${name}`),
];

/** Options that take one of some values: `path --option` with the values. */
const choicesOf = ({ path, options }: Place) =>
  options.flatMap(({ name, choices }) =>
    choices === undefined ? [] : [{ key: `${path} --${name}`.trim(), choices }],
  );

/** Functions that print the words of a place, and the values of an option; bash and zsh read the same. */
const wordFunctions = (places: readonly Place[]) => `_speakr_words() {
  case "$1" in
${places.map((place) => `    "${place.path}") echo "${wordsOf(place).join(' ')}" ;;`).join('\n')}
    *) return 1 ;;
  esac
}
_speakr_choices() {
  case "$1" in
${places
  .flatMap(choicesOf)
  .map(({ key, choices }) => `    "${key}") echo "${choices.join(' ')}" ;;`)
  .join('\n')}
    *) return 1 ;;
  esac
}`;

const bashScript = (
  places: readonly Place[],
) => `# speakr completion for bash; load it with: source <(speakr completion bash)
${wordFunctions(places)}
_speakr() {
  local path="" word words current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    _speakr_words "\${path:+$path }$word" >/dev/null && path="\${path:+$path }$word"
  done
  words="$(_speakr_choices "\${path:+$path }$previous")" || words="$(_speakr_words "$path")"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _speakr speakr
`;

// `path` is zsh's own name for where programs are. As a file of $fpath the script is the body of _speakr, and runs at the
// first completion; sourced, it only says what completes speakr.
const zshScript = (places: readonly Place[]) => `#compdef speakr
# speakr completion for zsh; load it with: source <(speakr completion zsh)
${wordFunctions(places)}
_speakr() {
  local place="" word found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && continue
    _speakr_words "\${place:+$place }$word" >/dev/null && place="\${place:+$place }$word"
  done
  found="$(_speakr_choices "\${place:+$place }\${words[CURRENT-1]}")" || found="$(_speakr_words "$place")"
  compadd -- \${=found} || _files
}
if [[ "\${funcstack[1]}" == _speakr ]]; then _speakr "$@"; else compdef _speakr speakr; fi
`;

/** In single quotes a shell reads nothing but the quote itself. */
const fishQuoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishScript(places: readonly Place[]): string {
  const lines = ['# speakr completion for fish; load it with: speakr completion fish | source'];
  for (const place of places) {
    const seen = place.path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const condition = place.path === '' ? '__fish_use_subcommand' : seen.join('; and ');
    const at = `complete -c speakr -n ${fishQuoted(condition)}`;
    // Below the next word other words follow.
    const further = place.subcommands.map(({ name }) => name).join(' ');
    const here = `${condition}; and not __fish_seen_subcommand_from ${further}`;
    for (const { name, summary } of place.subcommands)
      lines.push(`complete -c speakr -n ${fishQuoted(here)} -f -a ${name} -d ${fishQuoted(summary)}`);
    for (const { choices = [] } of place.arguments)
      if (choices.length > 0) lines.push(`${at} -f -a ${fishQuoted(choices.join(' '))}`);
    for (const { name, short, value, choices, summary } of place.options) {
      const form = `-l ${name}${short === undefined ? '' : ` -s ${short}`}`;
      const takes =
        choices !== undefined ? ` -x -a ${fishQuoted(choices.join(' '))}` : value === undefined ? '' : ' -r';
      lines.push(`${at} ${form}${takes} -d ${fishQuoted(summary)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const powershellQuoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const powershellTable = (entries: readonly { key: string; words: readonly string[] }[]) =>
  entries
    .map(({ key, words }) => `    ${powershellQuoted(key)} = @(${words.map(powershellQuoted).join(', ')})`)
    .join('\n');

const powershellScript = (
  places: readonly Place[],
) => `# speakr completion for PowerShell; load it with: speakr completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName speakr -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @{
${powershellTable(places.map((place) => ({ key: place.path, words: wordsOf(place) })))}
  }
  $choices = @{
${powershellTable(places.flatMap(choicesOf).map(({ key, choices }) => ({ key, words: choices })))}
  }
  $path = ''
  $previous = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
    $previous = $element.ToString()
    if ($previous.StartsWith('-')) { continue }
    $next = "$path $previous".Trim()
    if ($words.ContainsKey($next)) { $path = $next }
  }
  $found = $choices["$path $previous".Trim()]
  if ($null -eq $found) { $found = $words[$path] }
  $found | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
