import type { Command } from './command.ts';
import { type Definition, globalOptions, type Option } from './definition.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

interface Words {
  /** Command path without the program, `''` for the program itself. */
  readonly path: string;
  readonly words: readonly string[];
}

/** Every command path with the words that may follow it. */
function wordsByPath(commands: readonly Command[], path = ''): Words[] {
  return commands.flatMap((command) => {
    const { definition, subcommands = [] } = command;
    const own = `${path} ${definition.name}`.trim();
    const words = [...subcommands.map((each) => each.definition.name), ...flags(definition)];
    return [{ path: own, words }, ...wordsByPath(subcommands, own)];
  });
}

const flags = ({ options = [] }: Pick<Definition, 'options'>) =>
  [...options, ...globalOptions, { name: 'help', summary: '' }]
    .filter((option: Option) => !option.hidden)
    .map((option) => `--${option.name}`);

/** A completion script, printed from the definitions. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const top: Words = {
    path: '',
    words: [...commands.map((command) => command.definition.name), 'help', '--version'],
  };
  const all = [top, ...wordsByPath(commands)];
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](all);
}

const cases = (all: readonly Words[]) =>
  all.map(({ path, words }) => `    "${path}") words="${words.join(' ')}" ;;`).join('\n');

const bashScript = (
  all: readonly Words[],
) => `# speakr completion for bash; load it with: source <(speakr completion bash)
_speakr() {
  local path="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) case "$path" in ""|actions|models) path="\${path:+$path }$word" ;; esac ;; esac
  done
  case "$path" in
${cases(all)}
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _speakr speakr
`;

const zshScript = (all: readonly Words[]) => `#compdef speakr
# speakr completion for zsh; load it with: source <(speakr completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bashScript(all).split('\n').slice(1).join('\n')}`;

const fishScript = (all: readonly Words[]) =>
  [
    '# speakr completion for fish; load it with: speakr completion fish | source',
    ...all.map(({ path, words }) => {
      const condition =
        path === ''
          ? '__fish_use_subcommand'
          : path
              .split(' ')
              .map((word) => `__fish_seen_subcommand_from ${word}`)
              .join('; and ');
      return `complete -c speakr -n '${condition}' -a '${words.join(' ')}'`;
    }),
    '',
  ].join('\n');
