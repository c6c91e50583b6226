import type { Job, JobAttempt } from '@speakr/contracts/jobs';
import type { AttemptEnd } from './store.ts';

/** What a step changes of a job; what is absent stays. */
export type JobChange = Partial<
  Pick<Job, 'state' | 'attempts' | 'cancelRequested'> & {
    progress: number | null;
    failure: string | null;
    endedAt: number | null;
  }
>;

/** Attempts that are remembered. */
const KEPT_ATTEMPTS = 20;

const isOpen = ({ endedAt }: JobAttempt) => endedAt === undefined;
const closed = (attempts: readonly JobAttempt[], end: Omit<JobAttempt, 'startedAt'>): JobAttempt[] =>
  attempts.map((attempt) => (isOpen(attempt) ? { ...attempt, ...end } : attempt));

export const hasEnded = ({ state }: Pick<Job, 'state'>): boolean => state !== 'queued' && state !== 'running';

/**
 * A delivery of the job's message begins. Whoever had it before has died, if he has not said how it ended. What was
 * told to stop, and died on the way, is not begun again.
 */
export function begun({ attempts, cancelRequested }: Job, now: number): JobChange {
  const before = closed(attempts, { endedAt: now, outcome: 'interrupted' });
  if (cancelRequested) return { state: 'cancelled', attempts: before, cancelRequested: false, endedAt: now };
  return {
    state: 'running',
    attempts: [...before, { startedAt: now }].slice(-KEPT_ATTEMPTS),
    progress: null,
    endedAt: null,
  };
}

/** A delivery has ended. */
export function ended(
  { attempts, failure }: Job,
  { outcome, code, final }: AttemptEnd,
  now: number,
): JobChange {
  const told = { endedAt: now, outcome, ...(code === undefined ? {} : { code }) };
  const change = { attempts: closed(attempts, told) };
  if (outcome === 'interrupted' || (outcome === 'failed' && !final))
    return { ...change, state: 'queued', progress: null, failure: code ?? failure ?? null };
  const isDone = outcome === 'succeeded';
  return {
    ...change,
    state: outcome,
    cancelRequested: false,
    endedAt: now,
    progress: isDone ? 1000 : null,
    failure: isDone ? null : outcome === 'failed' ? (code ?? 'internal') : (failure ?? null),
  };
}
