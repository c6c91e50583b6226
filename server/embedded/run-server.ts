import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { ServerSettings } from '../config.ts';
import type { LeveledLog } from '../observability/log.ts';
import { switchLogOnSignal } from '../observability/log-signal.ts';
import { type App, type AppOptions, createApp } from '../server.ts';
import { removeRuntimeFile, urlOf, writeRuntimeFile } from './runtime-file.ts';
import { takeServerLock } from './server-lock.ts';
import { clearStartError, writeStartError } from './start-error.ts';

export interface RunServerOptions {
  readonly settings: ServerSettings;
  readonly version: string;
  readonly log: LeveledLog;
  /** `background` ends by itself when there is nothing to do, and leaves word of why it could not start. */
  readonly mode: 'foreground' | 'background';
  /** Ends the server: what is under way is handed back. */
  readonly signal: AbortSignal;
  onReady?(address: { url: string; token: string }): void;
  readonly parts?: AppOptions['parts'];
}

/** `run` of the data directory: runtime file and lock. */
export const runtimeDirOf = (dataDir: string): string => join(dataDir, 'run');

/**
 * Runs the server of this machine until the signal fires, or, in the background, until it has been idle.
 * @returns false when another server runs already (background only)
 * @throws SpeakrError `conflict` when another server runs already (foreground), `port_taken`, and those of the store
 */
export async function runServer(options: RunServerOptions): Promise<boolean> {
  const { settings, mode } = options;
  const runtimeDir = runtimeDirOf(settings.dataDir);
  const release = takeServerLock(runtimeDir);
  if (release === undefined) {
    if (mode === 'background') return false;
    throw new SpeakrError('conflict', 'Another server runs in this data directory.', {
      hint: 'It ends by itself when it has nothing to do; `speakr status` shows what it does.',
    });
  }
  try {
    await run(options, runtimeDir);
    return true;
  } catch (error) {
    if (mode === 'background') {
      options.log.error({ error }, 'the server could not run');
      const known =
        error instanceof SpeakrError ? error : new SpeakrError('internal', undefined, { cause: error });
      await writeStartError(runtimeDir, known).catch(() => {});
    }
    throw error;
  } finally {
    release();
  }
}

async function run(options: RunServerOptions, runtimeDir: string): Promise<void> {
  const { settings, version, log, mode, signal, onReady, parts } = options;
  const { host, port: wantedPort } = settings;
  const app = await createApp({ settings, version, log, logLevel: log, roles: 'all', parts });
  const stopSwitching = switchLogOnSignal(log);
  try {
    const port = await app.listen({ host, port: wantedPort });
    const { token } = app;
    await writeRuntimeFile(runtimeDir, {
      pid: process.pid,
      host,
      port,
      token,
      version,
      startedAt: Date.now(),
      mode,
    });
    await clearStartError(runtimeDir);
    log.info({ port, version, mode }, 'server started');
    onReady?.({ url: urlOf({ host, port }), token });
    try {
      await (mode === 'background' ? untilIdle(app, settings.idleExitMs, signal) : untilAborted(signal));
    } finally {
      // First, so that nobody comes to a server that leaves.
      await removeRuntimeFile(runtimeDir, token);
    }
  } finally {
    await app.close();
    stopSwitching();
    log.info({}, 'server ended');
  }
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Looks a few times within the span, so that it ends at most a quarter late. */
async function untilIdle(app: App, idleExitMs: number, signal: AbortSignal): Promise<void> {
  const everyMs = Math.min(5000, Math.max(50, idleExitMs / 4));
  while (!signal.aborted) {
    const { connections, jobs, idleMs } = await app.activity();
    if (connections === 0 && jobs === 0 && idleMs >= idleExitMs) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, everyMs);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}
