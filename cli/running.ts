import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import { sortSpools } from './recorder/leftovers.ts';
import { shortId } from './time-format.ts';

/** A recording that runs now. `pid` is known when a process of this machine records it. */
export interface RunningRecording {
  readonly id: string;
  readonly pid?: number;
}

/** Recordings that run now: of this machine, and of the configured server. */
export async function listRunning(
  context: Pick<Context, 'config' | 'backend' | 'clock'>,
): Promise<RunningRecording[]> {
  const local = await sortSpools(context.config().paths.spoolDir, context.clock.now());
  const found = new Map<string, RunningRecording>();
  for (const { recordingId: id, pid, state } of local.running)
    if (state === 'recording') found.set(id, { id, pid });
  const api = await (await context.backend()).runningApi();
  const there = api === undefined ? [] : (await api.getStatus({})).running;
  for (const id of there) if (!found.has(id)) found.set(id, { id });
  return [...found.values()];
}

/**
 * The recording a command means: the one that was named, else the only one that runs.
 * @throws SpeakrError `nothing_running`, `ambiguous_id`, `not_found`
 */
export async function chooseRunning(
  reference: string | undefined,
  context: Pick<Context, 'config' | 'backend' | 'clock'>,
): Promise<RunningRecording> {
  const running = await listRunning(context);
  if (running.length === 0) throw new SpeakrError('nothing_running');
  const fitting =
    reference === undefined || reference === 'last'
      ? running
      : running.filter(({ id }) => id.endsWith(reference));
  const [only] = fitting;
  if (only === undefined)
    throw new SpeakrError('not_found', `No running recording ends in ${reference}.`, {
      hint: 'Run `speakr status` to see what runs.',
    });
  if (fitting.length > 1)
    throw new SpeakrError(
      'ambiguous_id',
      `${fitting.length} recordings are running: ${fitting.map(({ id }) => shortId(id)).join(', ')}.`,
      { hint: 'Name one of them.' },
    );
  return only;
}
