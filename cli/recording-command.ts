import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import { CANCEL_FILE } from './recorder/cancel-file.ts';
import { spoolDirectory } from './recorder/spool-meta.ts';
import type { RunningRecording } from './running.ts';

/**
 * Tells a running recording what to do: through its server, and where there is none through its process.
 * @throws SpeakrError `unavailable`, `nothing_running`
 */
export async function commandRecording(
  { id, pid }: RunningRecording,
  body: { command: 'stop' | 'cancel' | 'note'; text?: string },
  { backend, config }: Pick<Context, 'backend' | 'config'>,
): Promise<void> {
  const api = await (await backend()).runningApi();
  let failure: unknown = new SpeakrError('unavailable', 'The server of the recording is not up yet.');
  if (api !== undefined)
    try {
      await api.commandRecording({ params: { recording: id }, body });
      return;
    } catch (error) {
      failure = error;
    }
  if (pid === undefined || body.command === 'note') throw failure;
  if (body.command === 'cancel')
    await writeFile(join(spoolDirectory(config().paths.spoolDir, id), CANCEL_FILE), '');
  process.kill(pid, 'SIGTERM');
}
