import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import { CANCEL_FILE } from './recorder/cancel-file.ts';
import { spoolDirectory } from './recorder/spool-meta.ts';
import type { RunningRecording } from './running.ts';

/** A recording whose server has gone brings up another one within this, ms. */
const SERVER_PATIENCE_MS = 15_000;
const POLL_MS = 250;

/**
 * Tells a running recording what to do: through its server, and where there is none through its process. A note has no
 * other way than the server, so it waits until the recording has one again.
 * @returns how much had been recorded, ms, where the server says so
 * @throws SpeakrError `unavailable`, `nothing_running`
 */
export async function commandRecording(
  { id, pid }: Pick<RunningRecording, 'id' | 'pid'>,
  body: { command: 'stop' | 'cancel' | 'note'; text?: string },
  { backend, config }: Pick<Context, 'backend' | 'config'>,
): Promise<number | undefined> {
  const byServer = async () => {
    const api = await (await backend()).runningApi();
    if (api === undefined) throw new SpeakrError('unavailable', 'The server of the recording is not up yet.');
    return (await api.commandRecording({ params: { recording: id }, body })).durationMs;
  };
  const patienceMs = pid !== undefined && body.command === 'note' ? SERVER_PATIENCE_MS : 0;
  let failure: unknown;
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += POLL_MS) {
    if (waitedMs > 0) await sleep(POLL_MS);
    try {
      return await byServer();
    } catch (error) {
      failure = error;
      if (error instanceof SpeakrError && !isPassing(error)) break;
    }
  }
  if (pid === undefined || body.command === 'note') throw failure;
  if (body.command === 'cancel')
    await writeFile(join(spoolDirectory(config().paths.spoolDir, id), CANCEL_FILE), '');
  endProcess(pid);
  return undefined;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    // It has ended by itself since it was listed.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A server that has just come up does not know the recording before its client is back. */
const isPassing = ({ code }: SpeakrError) => ['unavailable', 'unreachable', 'not_found'].includes(code);
