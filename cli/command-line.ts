import { ExitCode, SpeakrError } from '@speakr/contracts/problem';
import type { Command } from './command.ts';
import { type Parsed, parseCommandLine, programHelp } from './command-parser.ts';
import { commands } from './commands.ts';
import { createContext } from './context.ts';
import type { Io } from './io.ts';
import { createOutput, errorJson, errorLine, type Output } from './output.ts';
import { askForUpdate } from './update-notice.ts';

/** Parses, runs and turns what happened into an exit code. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<ExitCode> {
  const output = createOutput(io);
  let exitCode: ExitCode = ExitCode.ok;
  try {
    exitCode = await run(argv, io, output);
  } catch (error) {
    exitCode = report(error, output, argv);
  }
  await output.flush();
  return exitCode;
}

async function run(argv: readonly string[], io: Io, output: Output): Promise<ExitCode> {
  const parse = (words: readonly string[]): Parsed =>
    parseCommandLine(words, {
      commands,
      write: (text) => output.write(text),
      ...(io.stdout.columns === undefined ? {} : { columns: io.stdout.columns }),
    });
  let parsed = parse(withDefaultCommand(argv));
  if (parsed === 'nothing') {
    if (io.stdin.isTTY !== true || io.stdout.isTTY !== true) {
      io.stderr.write(programHelp(commands));
      return ExitCode.usage;
    }
    parsed = parse([...argv, 'record']);
  }
  if (typeof parsed === 'string') return ExitCode.ok;
  const { command, options, globals } = parsed;
  await using context = createContext({ io, output, globals, commands });
  const notice = isLasting(command, options) ? undefined : askForUpdate({ ...context });
  const exitCode = ((await command.run?.(options, context)) as ExitCode | undefined) ?? ExitCode.ok;
  const news = await notice?.();
  if (news !== undefined) output.talk(news);
  return exitCode;
}

/** What serves other programs, or is read by them, is not interrupted by news. */
const isLasting = ({ definition }: Command, options: Record<string, unknown>) =>
  definition.name === 'serve' || definition.name === 'completion' || options.json === true;

/** `speakr --plain` means `speakr record --plain`; the options every command knows stay where they are. */
function withDefaultCommand(argv: readonly string[]): readonly string[] {
  const first = argv[0];
  if (first === undefined || !first.startsWith('-') || first === '-') return argv;
  const globals = ['--server', '--config', '--verbose', '--help', '-h', '--version', '-V'];
  return globals.some((name) => first === name || first.startsWith(`${name}=`)) ? argv : ['record', ...argv];
}

function report(error: unknown, output: Output, argv: readonly string[]): ExitCode {
  const json = argv.includes('--json');
  const verbose = argv.includes('--verbose');
  if (!(error instanceof SpeakrError)) {
    // A bug: the stack is what helps.
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const bug = new SpeakrError('internal', 'speakr made a mistake.', {
      hint: 'Please report what stands here.',
    });
    if (json) output.json({ error: errorJson(bug) });
    output.talk(`${errorLine(bug)}\n${stack}`);
    return ExitCode.failure;
  }
  if (json) output.json({ error: errorJson(error) });
  else output.talk(`${output.style('red', errorLine(error), 'stderr')}`);
  if (verbose && error.cause !== undefined)
    output.talk(
      error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : String(error.cause),
    );
  return error.definition.exitCode;
}
