import { SpeakrError } from '@speakr/contracts/problem';
import {
  Command as CommanderCommand,
  CommanderError,
  Help as CommanderHelp,
  Option as CommanderOption,
  InvalidArgumentError,
} from 'commander';
import type { Command } from './command.ts';
import { type Definition, type GlobalOptions, globalOptions, groups, type Option } from './definition.ts';
import { nearestWord } from './nearest-word.ts';
import { version } from './version.ts';

const DEFAULT_COLUMNS = 80;
/** For what something does, beside its name in help. */
const LEAST_COLUMNS = 24;
/** Of a term in help; commander has it so. */
const ITEM_INDENT = 2;

/** What was asked for on the command line. */
export type Parsed =
  | { readonly command: Command; readonly options: Record<string, unknown>; readonly globals: GlobalOptions }
  | 'nothing'
  | 'done';

interface ParserInput {
  readonly commands: readonly Command[];
  /** Where help goes. */
  write(text: string): void;
  readonly columns?: number;
}

/**
 * Joins the definitions to commander; nothing else knows it.
 * @returns the command and its options, `nothing` when no command was named, `done` when help was printed
 * @throws SpeakrError `usage`
 */
export function parseCommandLine(argv: readonly string[], { commands, write, columns }: ParserInput): Parsed {
  let parsed: Parsed = 'nothing';
  let path = 'speakr';
  const program = new CommanderCommand('speakr')
    .description(
      'Records, transcribes, writes notes and finds what was said. Everything stays on this machine.',
    )
    .version(version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Print help')
    .helpCommand('help [command]', 'Print help')
    .configureHelp({ minWidthToWrap: LEAST_COLUMNS, formatItem: helpItem })
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: write,
      outputError: () => undefined,
      ...(columns === undefined ? {} : { getOutHelpWidth: () => columns, getErrHelpWidth: () => columns }),
    })
    .action(() => {
      const [typed] = program.args;
      if (typed !== undefined) throw noCommand(typed, commands, 'speakr');
    });
  program.allowExcessArguments();
  for (const option of globalOptions) program.addOption(commanderOption(option));
  program.addHelpText(
    'after',
    '\nWithout a command speakr records. `speakr <command> --help` tells more about a command.',
  );

  const add = (parent: CommanderCommand, command: Command, parentPath: string) => {
    const { definition } = command;
    const child = parent
      .command(definition.name)
      .summary(definition.summary)
      .description(describe(definition))
      .helpOption('-h, --help', 'Print help')
      .allowExcessArguments(command.subcommands !== undefined);
    if (definition.group !== undefined) child.helpGroup(`${definition.group}:`);
    const ownPath = `${parentPath} ${definition.name}`;
    child.hook('preSubcommand', () => {
      path = ownPath;
    });
    for (const argument of definition.arguments ?? []) {
      const dots = argument.repeat ? '...' : '';
      const shape = argument.optional ? `[${argument.name}${dots}]` : `<${argument.name}${dots}>`;
      const made = child.createArgument(shape, argument.summary);
      if (argument.choices !== undefined) made.choices([...argument.choices]);
      child.addArgument(made);
    }
    for (const option of definition.options ?? []) child.addOption(commanderOption(option));
    if (definition.examples !== undefined)
      child.addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  ${line}`).join('\n')}`);
    for (const subcommand of command.subcommands ?? []) add(child, subcommand, ownPath);
    if (command.run !== undefined)
      child.action((...words: unknown[]) => {
        const excess = child.args[definition.arguments?.length ?? 0];
        if (command.subcommands !== undefined && excess !== undefined)
          throw noCommand(excess, command.subcommands, ownPath);
        // A parent that has the same option takes it, wherever it stands.
        const options: Record<string, unknown> = { ...optionsOf(parent, program), ...child.opts() };
        definition.arguments?.forEach((argument, index) => {
          options[camelCase(argument.name)] = words[index] ?? (argument.repeat ? [] : undefined);
        });
        parsed = { command, options, globals: program.opts() };
      });
  };
  // Commander shows groups in the order in which it meets them.
  for (const group of groups)
    for (const command of commands) if (command.definition.group === group) add(program, command, 'speakr');

  try {
    program.parse([...argv], { from: 'user' });
    return parsed;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0 || error.code === 'commander.help') return 'done';
    const named = commands.find((command) => argv.includes(command.definition.name));
    const help = path === 'speakr' && named !== undefined ? `speakr ${named.definition.name}` : path;
    throw new SpeakrError('usage', inPlainWords(error.message), {
      hint: `Run \`${help} --help\`.`,
    });
  }
}

/** What commander says, without its own terms. */
const inPlainWords = (message: string): string =>
  message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(
      /^command-argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/,
      '<$2> cannot be "$1"; there are $3.',
    )
    .replace(
      /^option '(?:-\w, )?(--[\w-]+).*' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/,
      '$1 cannot be "$2"; there are $3.',
    );

/** What to say to a word that is no command of those below `path`. */
function noCommand(typed: string, commands: readonly Command[], path: string): SpeakrError {
  const meant = nearestWord(
    typed,
    commands.map(({ definition }) => definition.name),
  );
  const question = meant === undefined ? '' : ` Did you mean ${meant}?`;
  const named = `${path} ${typed}`.replace(/^speakr /, '');
  return new SpeakrError('usage', `There is no command ${named}.${question}`, {
    hint: `Run \`${path} --help\` to see the commands.`,
  });
}

/** Options of a command that is not the program itself. */
const optionsOf = (command: CommanderCommand, program: CommanderCommand): Record<string, unknown> =>
  command === program ? {} : command.opts();

/** The help text of the program. */
export function programHelp(commands: readonly Command[], columns?: number): string {
  let help = '';
  parseCommandLine(['--help'], {
    commands,
    write: (text) => {
      help += text;
    },
    ...(columns === undefined ? {} : { columns }),
  });
  return help;
}

export const camelCase = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const describe = ({ summary, details }: Definition) =>
  details === undefined ? `${summary}.` : `${summary}.\n\n${details}`;

/** One line of a list in help; where there is no room beside its term, what it does stands below. */
function helpItem(term: string, termWidth: number, description: string, help: CommanderHelp): string {
  const columns = help.helpWidth ?? DEFAULT_COLUMNS;
  if (description === '' || columns - termWidth - 2 * ITEM_INDENT >= help.minWidthToWrap)
    return CommanderHelp.prototype.formatItem.call(help, term, termWidth, description, help);
  const below = ' '.repeat(2 * ITEM_INDENT);
  const lines = help.boxWrap(description, Math.max(1, columns - below.length)).split('\n');
  return [' '.repeat(ITEM_INDENT) + term, ...lines.map((line) => below + line)].join('\n');
}

function commanderOption(option: Option): CommanderOption {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const value = option.value === undefined ? '' : ` <${option.value}>`;
  const made = new CommanderOption(`${short}--${option.name}${value}`, option.summary);
  if (option.choices !== undefined) made.choices([...option.choices]);
  if (option.number)
    made.argParser((text: string) => {
      if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
      return Number(text);
    });
  if (option.hidden) made.hideHelp();
  if (option.repeat)
    made.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return made;
}
