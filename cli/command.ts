import type { ExitCode } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import type { Definition } from './definition.ts';

/** A command: its definition, and the function that does the work. A command with subcommands only has those. */
export interface Command {
  readonly definition: Definition;
  // biome-ignore lint/suspicious/noExplicitAny: each `run` names the options of its own definition
  run?(options: any, context: Context): Promise<ExitCode | undefined> | Promise<void>;
  readonly subcommands?: readonly Command[];
}
