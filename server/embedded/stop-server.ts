import { rm, truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { olderLogOf } from '../observability/json-log.ts';
import { probeServer } from './probe.ts';
import { logFileIn, readRuntimeFile } from './runtime-file.ts';
import { takeServerLock } from './server-lock.ts';

/**
 * Ends the server of this machine, which would hold the database.
 * @throws SpeakrError `recording_running`, `database_locked` when it does not end
 */
export async function stopServer(runtimeDir: string): Promise<void> {
  const info = await readRuntimeFile(runtimeDir);
  const status = info && (await probeServer(info));
  if (info === undefined || status === undefined) return;
  if (status.running.length > 0) throw new SpeakrError('recording_running');
  try {
    process.kill(info.pid, 'SIGTERM');
  } catch {
    // It has just ended by itself.
  }
  for (let waited = 0; waited < 10_000; waited += 50) {
    await sleep(50);
    const release = takeServerLock(runtimeDir);
    if (release === undefined) continue;
    release();
    return;
  }
  throw new SpeakrError('database_locked', 'The server of this machine does not end.');
}

/**
 * Empties the log of the background server. It ends for that, so that nothing is written late; while somebody records it
 * goes on. One in a terminal, or of a service, writes its log elsewhere, and is somebody's to end.
 */
export async function eraseLog(runtimeDir: string): Promise<void> {
  const info = await readRuntimeFile(runtimeDir);
  if (info?.mode === 'background')
    await stopServer(runtimeDir).catch((error: unknown) => {
      if (!(error instanceof SpeakrError)) throw error;
    });
  await rm(olderLogOf(logFileIn(runtimeDir)), { force: true });
  await truncate(logFileIn(runtimeDir)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
