import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { Context } from './context.ts';
import type { Api } from './embedded.ts';
import { sortSpools } from './recorder/leftovers.ts';
import { shortId } from './time-format.ts';

/** A recording that runs now. */
export interface RunningRecording {
  readonly id: string;
  /** ms since the Unix epoch. */
  readonly startedAt: number;
  /** Audio so far, ms. */
  readonly durationMs: number;
  readonly source: string;
  /** Known when the server knows the recording. */
  readonly title?: string;
  readonly tags?: readonly string[];
  /** Known when a process of this machine records it. */
  readonly pid?: number;
}

/** What runs now. */
export interface Running {
  /** Somebody records, on this machine or for the configured server. */
  readonly recordings: RunningRecording[];
  /** Files that are being transcribed. */
  readonly files: RunningRecording[];
  /** The server waits for the rest of them, but nobody on this machine records them any more. */
  readonly abandoned: RunningRecording[];
}

type Needs = Pick<Context, 'config' | 'backend' | 'clock'>;

/** What runs now: on this machine, and at the server of this machine or the configured one. */
export async function listRunning(context: Needs): Promise<Running> {
  const now = context.clock.now();
  const spools = await sortSpools(context.config().paths.spoolDir, now);
  const recordings = new Map<string, RunningRecording>();
  for (const { recordingId: id, pid, state, startedAt, source } of spools.running)
    if (state === 'recording')
      recordings.set(id, { id, pid, startedAt, source, durationMs: Math.max(0, now - startedAt) });
  const left = new Set(spools.unfinished.map(({ recordingId }) => recordingId));
  const [files, abandoned]: RunningRecording[][] = [[], []];
  const api = await (await context.backend()).runningApi();
  for (const recording of api === undefined ? [] : await runningThere(api)) {
    const { id, title, tags, startedAt, source, durationMs } = recording;
    const known = { id, title, tags, startedAt, source, durationMs };
    if (recording.mode === 'batch') files?.push(known);
    else if (left.has(id)) abandoned?.push(known);
    else recordings.set(id, { ...recordings.get(id), ...known });
  }
  return { recordings: [...recordings.values()], files: files ?? [], abandoned: abandoned ?? [] };
}

async function runningThere(api: Api): Promise<Recording[]> {
  const { running } = await api.getStatus({});
  const found = await Promise.all(
    running.map((id) =>
      // It may have been deleted since.
      api.getRecording({ params: { recording: id } }).catch((error: unknown) => {
        if (error instanceof SpeakrError && error.code === 'not_found') return undefined;
        throw error;
      }),
    ),
  );
  return found.filter((recording) => recording !== undefined);
}

/**
 * The recording a command means: the one that was named, else the only one that runs.
 * @throws SpeakrError `nothing_running`, `ambiguous_id`, `not_found`
 */
export async function chooseRunning(
  reference: string | undefined,
  context: Needs,
): Promise<RunningRecording> {
  const [only] = await chooseAllRunning(reference === undefined ? [] : [reference], false, context);
  return only as RunningRecording;
}

/**
 * The recordings a command means: those that were named, all of them, or the only one that runs.
 * @returns at least one
 * @throws SpeakrError `nothing_running`, `ambiguous_id`, `not_found`
 */
export async function chooseAllRunning(
  references: readonly string[],
  all: boolean,
  context: Needs,
): Promise<RunningRecording[]> {
  const { recordings, abandoned } = await listRunning(context);
  if (all || references.length === 0) {
    if (recordings.length === 0 && abandoned.length > 0)
      throw new SpeakrError('nothing_running', 'No recording is running; one was left by a crash.', {
        hint: '`speakr recover` finishes it.',
      });
    if (recordings.length === 0) throw new SpeakrError('nothing_running');
    if (!all && recordings.length > 1) throw ambiguous(recordings);
    return recordings;
  }
  const chosen = references.map((reference) => {
    if (reference === 'last') {
      const newest = recordings.toSorted((a, b) => b.startedAt - a.startedAt)[0];
      if (newest === undefined) throw new SpeakrError('nothing_running');
      return newest;
    }
    // Who names a recording that a crash left means it.
    const fitting = [...recordings, ...abandoned].filter(({ id }) => id.endsWith(reference.toLowerCase()));
    const [only] = fitting;
    if (only === undefined)
      throw new SpeakrError('not_found', `No running recording ends in ${reference}.`, {
        hint: 'Run `speakr status` to see what runs.',
      });
    if (fitting.length > 1) throw ambiguous(fitting);
    return only;
  });
  return [...new Map(chosen.map((recording) => [recording.id, recording])).values()];
}

function ambiguous(recordings: readonly RunningRecording[]): SpeakrError {
  const names = recordings.map(({ id }) => shortId(id)).join(', ');
  return new SpeakrError('ambiguous_id', `${recordings.length} recordings are running: ${names}.`, {
    hint: 'Name one of them, or use --all where the command has it.',
  });
}
