import { type Clipboard, createClipboard } from './clipboard.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Command } from './command.ts';
import { type Config, loadConfig } from './config.ts';
import type { GlobalOptions } from './definition.ts';
import type { Api, ApiNeed, Backend, Models } from './embedded.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';
import { findFfmpeg } from './recorder/ffmpeg.ts';

/** What commands get from outside. Cheap things are fields; what is slow or may fail is a function. */
export interface Context extends AsyncDisposable {
  readonly io: Io;
  readonly output: Output;
  readonly clock: Clock;
  readonly globals: GlobalOptions;
  /** All commands, for what is printed from them. */
  readonly commands: readonly Command[];
  /** @throws SpeakrError `config_invalid` */
  config(): Config;
  /**
   * The HTTP API: of the configured server, of the one that runs on this machine, or, where reading is enough and none
   * runs, of an app inside this process.
   * @throws SpeakrError `unreachable`
   */
  api(need: ApiNeed): Promise<Api>;
  /** Everything behind the CLI; the server of this machine is started when a call needs one. */
  backend(): Promise<Backend>;
  models(): Promise<Models>;
  /** Path of ffmpeg. @throws SpeakrError `ffmpeg_missing` */
  ffmpeg(): string;
  readonly clipboard: Clipboard;
  /** Asks on the terminal. Without one the answer is undefined. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string | undefined>;
}

interface ContextOptions {
  readonly commands: readonly Command[];
  readonly io: Io;
  readonly output: Output;
  readonly globals: GlobalOptions;
}

/** Wires the CLI. Nothing is loaded or read before it is asked for. */
export function createContext({ io, output, globals, commands }: ContextOptions): Context {
  const lazily = <T>(make: () => T): (() => T) => {
    let made: { value: T } | undefined;
    return () => {
      made ??= { value: make() };
      return made.value;
    };
  };
  const config = lazily(() =>
    loadConfig({
      platform: io.platform,
      env: io.env,
      cwd: io.cwd,
      flags: { server: globals.server },
      ...(globals.config === undefined ? {} : { file: globals.config }),
    }),
  );
  let opened: Promise<Backend> | undefined;
  const backend = () => {
    opened ??= import('./embedded.ts').then(({ openBackend }) => openBackend(config(), io));
    return opened;
  };
  return {
    io,
    output,
    globals,
    commands,
    clock: systemClock,
    config,
    backend,
    api: async (need) => (await backend()).api(need),
    models: async () => (await backend()).models(),
    ffmpeg: lazily(() =>
      findFfmpeg({
        env: io.env,
        platform: io.platform,
        ...(config().values.ffmpeg === undefined ? {} : { configured: config().values.ffmpeg }),
      }),
    ),
    clipboard: createClipboard({ io }),
    ask: async (question, options = {}) => {
      if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) return undefined;
      const { ask } = await import('./prompt.ts');
      return ask(io, question, options.hidden === true);
    },
    async [Symbol.asyncDispose]() {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
