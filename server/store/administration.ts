import type { AdminAudit } from '@speakr/contracts/admin';
import type { JobAttempt, JobKind, JobState } from '@speakr/contracts/jobs';
import type { Page } from './store.ts';

/** A job that has succeeded. */
export interface EndedJob {
  readonly kind: JobKind;
  readonly createdAt: number;
  readonly endedAt: number;
  readonly attempts: readonly JobAttempt[];
}

export interface UserRow {
  readonly user: string;
  readonly createdAt: number;
  readonly recordings: number;
  readonly audioMs: number;
  readonly lastRecordingAt?: number;
  readonly openJobs: number;
  readonly liveSessions: number;
}

/** What concerns everybody: counts, times and names of users, nothing they have said or named. */
export interface Administration {
  jobCounts(): Promise<{ kind: JobKind; state: JobState; jobs: number }[]>;
  /** The last of a kind that succeeded, newest first. */
  lastSucceeded(kind: JobKind, limit: number): Promise<EndedJob[]>;
  /** When the oldest job was made that waits or runs. */
  oldestOpenJob(): Promise<number | undefined>;
  /** By name. */
  users(page: Page): Promise<{ users: UserRow[]; nextCursor?: string }>;
  /** Who feeds recordings, most first, at most so many. */
  liveSessions(limit: number): Promise<{ user: string; sessions: number }[]>;
  /** Newest first. @param user only about their data */
  audit(page: Page, user?: string): Promise<AdminAudit>;
}

/** A process of the fleet, as it says of itself. */
export interface ProcessRow {
  readonly id: string;
  readonly roles: readonly string[];
  readonly version: string;
  readonly startedAt: number;
  /** By its own clock, ms since the Unix epoch. */
  readonly seenAt: number;
  /** JSON. */
  readonly report: string;
}

/** Which processes there are. */
export interface Processes {
  /** Oldest first. */
  list(): Promise<ProcessRow[]>;
}

/** Where processes say that they live. */
export interface ProcessTable extends Processes {
  /** Writes down that a process lives, and forgets those that were not seen since. */
  beat(process: ProcessRow, forgetBefore: number): Promise<void>;
  forget(id: string): Promise<void>;
}
