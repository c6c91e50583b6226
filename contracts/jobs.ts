import { z } from 'zod';
import { field, recordingId, timestampMs } from './field.ts';
import { nextCursor, page } from './page.ts';

/** What is done in the background, in the order in which a recording meets it. */
export const jobKinds = ['ingestion', 'transcription', 'embedding', 'notes', 'archive'] as const;
export const JobKind = z.enum(jobKinds);
export type JobKind = z.infer<typeof JobKind>;

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export const JobState = z.enum(jobStates);
export type JobState = z.infer<typeof JobState>;

export const attemptOutcomes = ['succeeded', 'failed', 'cancelled', 'interrupted'] as const;

export const JobAttempt = z
  .object({
    startedAt: timestampMs('When it began'),
    endedAt: timestampMs('When it ended; absent while it runs').optional(),
    outcome: field(
      z.enum(attemptOutcomes),
      'How it ended; interrupted when its process stopped or died',
      'failed',
    ).optional(),
    code: field(z.string(), 'Error code of a failure', 'unavailable').optional(),
  })
  .meta({ id: 'JobAttempt', description: 'One try of a job' });
export type JobAttempt = z.infer<typeof JobAttempt>;

const jobId = () => field(z.string(), 'Job id, a UUIDv7', '0199f3a1-9b0c-7a52-8c11-52b0c6d7e8f9');

export const Job = z
  .object({
    id: jobId(),
    kind: field(JobKind, 'What is done', 'transcription'),
    state: field(JobState, 'Where it stands', 'running'),
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Transcript revision it is about, where it is about one', 1).optional(),
    progress: field(z.number().min(0).max(1), 'Share that is done, where it is known', 0.4).optional(),
    cancelRequested: field(
      z.boolean(),
      'Whether it was told to stop; it is cancelled when it has stopped, or ends as it would have',
      false,
    ).optional(),
    attempts: field(z.array(JobAttempt), 'What was tried, oldest first; the last 20', [
      { startedAt: 1_795_262_400_000 },
    ]),
    failure: field(z.string(), 'Error code of the last failure, until it succeeds', 'unavailable').optional(),
    createdAt: timestampMs('When it was asked for'),
    updatedAt: timestampMs('When it last changed'),
    endedAt: timestampMs('When it succeeded, failed for good or was cancelled').optional(),
  })
  .meta({ id: 'Job', description: 'Work in the background, and what became of it' });
export type Job = z.infer<typeof Job>;

export const JobPage = z
  .object({
    jobs: field(z.array(Job), 'Newest first', []),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'JobPage', description: 'A page of jobs' });

export const jobReference = () =>
  field(z.string().min(1).max(64), 'Job id, its last characters, or "last"', 'last');

export const JobQuery = z.object({
  ...page,
  state: field(z.union([JobState, z.array(JobState)]), 'Only in one of these states', 'failed').optional(),
  kind: field(z.union([JobKind, z.array(JobKind)]), 'Only of one of these kinds', 'transcription').optional(),
  recording: field(
    z.string().min(1).max(64),
    'Only of this recording: its id, its last characters, or "last"',
    'last',
  ).optional(),
});
