import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobKind } from '@speakr/contracts/jobs';
import { errorTable, SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { Api } from '../embedded.ts';
import { type Patience, patiently } from './patiently.ts';

const LOOK_MS = 300;
/** What a file goes through until there is nothing left to wait for, and how much of the time each takes, roughly. */
const steps: readonly { readonly kind: JobKind; readonly share: number }[] = [
  { kind: 'ingestion', share: 0.2 },
  { kind: 'transcription', share: 0.75 },
  { kind: 'notes', share: 0.05 },
];

export interface AwaitRecordingOptions {
  readonly api: Pick<Api, 'getRecording' | 'listJobs'>;
  readonly recordingId: string;
  readonly patience: Patience;
  /** Told the share that is done, 0 to 1. */
  onProgress(share: number): void;
}

/**
 * Waits until an uploaded file has been read, transcribed and written up.
 * @returns the recording, and how long its transcription took, ms
 * @throws SpeakrError the one that the job failed with; `conflict` when it was discarded meanwhile
 */
export async function awaitRecording(
  options: AwaitRecordingOptions,
): Promise<{ recording: Recording; transcriptionMs: number }> {
  const { api, recordingId, patience, onProgress } = options;
  for (;;) {
    const jobs = await patiently(patience, async (signal) => {
      const query = { recording: recordingId, kind: steps.map(({ kind }) => kind), limit: 10 };
      return (await api.listJobs({ query }, { signal })).jobs;
    });
    const failed = jobs.find(({ state }) => state === 'failed' || state === 'cancelled');
    if (failed !== undefined) throw failureOf(failed);
    onProgress(
      steps.reduce((sum, { kind, share }) => sum + share * doneOf(jobs.find((job) => job.kind === kind)), 0),
    );
    const isOver = steps.every(({ kind }) =>
      jobs.some((job) => job.kind === kind && job.state === 'succeeded'),
    );
    if (isOver) {
      const recording = await patiently(patience, (signal) =>
        api.getRecording({ params: { recording: recordingId } }, { signal }),
      );
      return { recording, transcriptionMs: lastTook(jobs.find(({ kind }) => kind === 'transcription')) };
    }
    await sleep(LOOK_MS, undefined, { signal: patience.signal });
  }
}

function doneOf(job: Job | undefined): number {
  if (job?.state === 'succeeded') return 1;
  return job?.state === 'running' ? (job.progress ?? 0) : 0;
}

function lastTook(job: Job | undefined): number {
  const { startedAt = 0, endedAt = startedAt } = job?.attempts.at(-1) ?? {};
  return endedAt - startedAt;
}

function failureOf({ kind, state, failure }: Job): SpeakrError {
  if (state === 'cancelled') return new SpeakrError('conflict', `The job (${kind}) was cancelled.`);
  const isKnown = (code: string): code is keyof typeof errorTable => Object.hasOwn(errorTable, code);
  if (failure !== undefined && isKnown(failure)) return new SpeakrError(failure);
  return new SpeakrError('internal', `The job (${kind}) failed.`);
}
