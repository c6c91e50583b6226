import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** The world around a run of the CLI. Tests build it by hand. */
export interface Io {
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean; columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly cwd: string;
  /** Emits SIGINT, SIGTERM and SIGHUP: `process`, or a plain emitter in tests. */
  readonly signals: EventEmitter;
  /** Leaves at once; only the second Ctrl-C does so. */
  exit(code: number): void;
}

/** The real process. */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    platform: process.platform,
    cwd: process.cwd(),
    signals: process,
    exit: (code) => process.exit(code),
  };
}
