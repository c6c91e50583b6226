import type { Notes } from '@speakr/contracts/notes';
import type { Recording } from '@speakr/contracts/recording';
import type { Bus } from '../../bus/bus.ts';
import type { Store } from '../../store/store.ts';

export interface Outcome {
  readonly recording: Recording;
  /** Absent when recognition failed, or when the notes could not be written. */
  readonly notes?: Notes;
}

export interface OutcomeOptions {
  readonly store: Store;
  readonly bus: Pick<Bus, 'observe' | 'idle'>;
  readonly owner: string;
  readonly recordingId: string;
  readonly signal: AbortSignal;
}

const endings = ['notes.generated.v1', 'transcription.failed.v1', 'recording.deleted.v1'] as const;

/** What leads to an ending. */
const work = ['transcription.run.v1', 'transcription.completed.v1'] as const;
/** A notice of an ending can get lost on its way between two processes. */
const LOOK_MS = 10_000;

/**
 * Waits until nothing more will become of a recording: notes, a failure, or nothing left to do (its messages ended as
 * dead letters).
 * @returns undefined when the recording was deleted or the signal fired
 */
export async function awaitOutcome(options: OutcomeOptions): Promise<Outcome | undefined> {
  const { store, bus, owner, recordingId, signal } = options;
  const gone = new AbortController();
  const stopped = AbortSignal.any([signal, gone.signal]);
  let wake = () => {};
  const unobserve = bus.observe(endings, (message) => {
    if (message.data.recordingId === recordingId) wake();
  });

  const look = () =>
    store.read(owner, async (own) => {
      const recording = await own.getRecording(recordingId);
      return recording && { recording, notes: await own.getNotes(recordingId) };
    });
  const settled = ({ recording, notes }: Outcome) =>
    recording.state === 'failed' ||
    recording.state === 'cancelled' ||
    (recording.state === 'ready' && !!notes);

  try {
    for (;;) {
      const round = new AbortController();
      const over = AbortSignal.any([stopped, round.signal]);
      const timer = setTimeout(() => wake(), LOOK_MS);
      try {
        // Both before looking: what happens meanwhile wakes the wait.
        const woken = new Promise<'woken'>((resolve) => {
          wake = () => resolve('woken');
          over.addEventListener('abort', wake, { once: true });
        });
        const idle = bus.idle({ recordingId, types: work }, over).then(() => 'idle' as const);
        const found = await look();
        if (stopped.aborted || found === undefined) return undefined;
        if (settled(found)) return found;
        if ((await Promise.race([woken, idle])) === 'idle') return stopped.aborted ? undefined : await look();
      } finally {
        clearTimeout(timer);
        round.abort();
      }
    }
  } finally {
    unobserve();
    gone.abort();
  }
}
