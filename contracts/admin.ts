import { z } from 'zod';
import { durationMs, field, timestampMs } from './field.ts';
import { JobKind, JobState } from './jobs.ts';
import { modelRoutes } from './model-registry.ts';
import { nextCursor, page } from './page.ts';
import { policyRoutes } from './policies.ts';
import type { Route } from './route.ts';
import { AuditEntry, userName } from './sharing.ts';

const count = (description: string, example = 12) => field(z.int().min(0), description, example);
const bytes = (description: string, example: number) =>
  field(z.int().min(0), `${description}, bytes`, example);

/** Percentiles of lengths of time. */
const percentiles = {
  count: count('How many were measured'),
  p50Ms: field(z.number().min(0), 'Half took no longer, in ms', 410),
  p95Ms: field(z.number().min(0), '95 of 100 took no longer, in ms', 720),
  p99Ms: field(z.number().min(0), '99 of 100 took no longer, in ms', 980),
};

export const JobStatistics = z
  .object({
    counts: field(
      z.array(
        z.object({
          kind: field(JobKind, 'What is done', 'transcription'),
          state: field(JobState, 'Where they stand', 'succeeded'),
          jobs: count('How many', 1200),
        }),
      ),
      'Jobs of everybody by kind and state, as far as they are kept (30 days after their end)',
      [],
    ),
    durations: field(
      z.array(
        z.object({
          kind: field(JobKind, 'What is done', 'transcription'),
          ...percentiles,
          worstWaitMs: durationMs('Longest wait for the first try among them'),
        }),
      ),
      'From the wish to the end, of the last 500 that succeeded of each kind',
      [],
    ),
    oldestOpenAt: timestampMs('Since when the oldest job waits or runs; absent when none does').optional(),
    queues: field(
      z.array(
        z.object({
          consumer: field(z.string(), 'Consumer', 'transcriber'),
          waiting: count('Messages that wait', 3),
          underWay: count('Messages under way', 1),
          dead: count('Messages that were given up', 0),
        }),
      ),
      'What the broker has for each consumer of the fleet',
      [],
    ),
    unsent: count('Messages that transactions have written and the broker does not have yet', 0),
  })
  .meta({ id: 'JobStatistics', description: 'Work in the background of everybody' });
export type JobStatistics = z.infer<typeof JobStatistics>;

const AssetState = z.enum(['installed', 'missing', 'invalid', 'elsewhere']);

export const SystemHealth = z
  .object({
    healthy: field(
      z.boolean(),
      'Whether every check holds, every role has a live process and every model is there',
      true,
    ),
    version: field(z.string(), 'Version of the process that answers', '0.1.0'),
    profile: field(z.enum(['embedded', 'hosted']), 'Profile', 'hosted'),
    uptimeMs: durationMs('Since the process that answers has started'),
    checks: field(
      z.array(
        z.object({
          name: field(z.string(), 'What was asked', 'database'),
          ok: field(z.boolean(), 'Whether it answered in time', true),
          tookMs: durationMs('Time to the answer', 3),
        }),
      ),
      'Services behind the server',
      [],
    ),
    processes: field(
      z.array(
        z.object({
          id: field(z.string(), 'Process, new at every start', '0199f3a1-9b0c-7a52-8c11-52b0c6d7e8f9'),
          roles: field(z.array(z.string()), 'What it works on', ['transcriber']),
          version: field(z.string(), 'Its version', '0.1.0'),
          startedAt: timestampMs('Since when it runs'),
          seenAt: timestampMs('Its last heartbeat, by its own clock'),
          alive: field(z.boolean(), 'Whether that was in the last 30 s', true),
          memoryBytes: bytes('Resident memory', 480_000_000),
          models: field(
            z.array(
              z.object({
                model: field(z.string(), 'Model', 'moonshine-tiny-en'),
                state: field(
                  AssetState,
                  'Whether its files are there and of the right size on that machine; every byte is checked when it is loaded',
                  'installed',
                ),
              }),
            ),
            'Models that its roles need',
            [],
          ),
        }),
      ),
      'Processes of the fleet by their heartbeats, those of the last five minutes',
      [],
    ),
    missingRoles: field(z.array(z.string()), 'Roles that no live process has', []),
    versions: field(z.array(z.string()), 'Versions that run, more than one during a rollout', ['0.1.0']),
    queueDepth: count('Messages that wait or are under way', 4),
    deadLetters: count('Messages that were given up', 0),
  })
  .meta({ id: 'SystemHealth', description: 'The processes and services that make up the server' });
export type SystemHealth = z.infer<typeof SystemHealth>;

export const Performance = z
  .object({
    windowMs: durationMs('How far back it looks', 300_000),
    processes: count('Live processes whose measurements are in it', 3),
    operations: field(
      z.array(
        z.object({
          name: field(z.string(), 'Metric, as in docs/operations.md', 'speakr_decode_seconds'),
          part: field(
            z.string(),
            'Which part of it: consumer, priority, kind or operation',
            'final',
          ).optional(),
          ...percentiles,
        }),
      ),
      'What was measured, by name; what nobody did is not there',
      [],
    ),
  })
  .meta({ id: 'Performance', description: 'Rolling percentiles over all processes; exact to 5 %' });
export type Performance = z.infer<typeof Performance>;

export const UserPage = z
  .object({
    users: field(
      z.array(
        z.object({
          user: userName(),
          createdAt: timestampMs('When the server met them'),
          recordings: count('Recordings, without those that were discarded'),
          audioMs: durationMs('Length of those'),
          lastRecordingAt: timestampMs('Start of the newest; absent when there is none').optional(),
          openJobs: count('Jobs that wait or run', 0),
          liveSessions: count('Recordings that are fed right now', 0),
        }),
      ),
      'By name',
      [],
    ),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'UserPage', description: 'A page of users; nothing of what they said or named' });
export type UserPage = z.infer<typeof UserPage>;

export const Quotas = z
  .object({
    requestsPerMinute: count('Requests of a user a minute; 0: no limit', 1200),
    requestsPerMinuteOfAddress: count('Requests from an address a minute; 0: no limit', 3000),
    liveSessions: count('Recordings of a user that are fed at once; 0: no limit', 10),
    unfinishedRecordings: count('Recordings of a user that have not come to their end; 0: no limit', 50),
    recordingMs: durationMs('Longest recording; 0: no limit', 43_200_000),
    uploadBytes: bytes('Largest upload', 2_147_483_648),
    uploadMs: durationMs('Longest upload', 14_400_000),
    liveSessionsInUse: field(
      z.array(z.object({ user: userName(), sessions: count('Recordings that are fed', 2) })),
      'Who uses places for live recordings, most first; at most 100',
      [],
    ),
  })
  .meta({ id: 'Quotas', description: 'Limits that hold for everybody, and who uses them' });
export type Quotas = z.infer<typeof Quotas>;

export const DeadLetterPage = z
  .object({
    deadLetters: field(
      z.array(
        z.object({
          consumer: field(z.string(), 'Who gave it up', 'notes'),
          error: field(z.string(), 'Code or name of the last error', 'unavailable'),
          message: field(z.record(z.string(), z.unknown()), 'The message: ids and numbers', {
            type: 'transcription.completed.v1',
          }),
        }),
      ),
      'Oldest first',
      [],
    ),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'DeadLetterPage', description: 'Messages that a consumer has failed at five times: a page' });
export type DeadLetterPage = z.infer<typeof DeadLetterPage>;

const consumerName = () => field(z.string().min(1).max(100), 'Consumer', 'notes');
const messageId = () =>
  field(z.string().min(1).max(100), 'Id of the message', '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e');

const ReplayRequest = z
  .object({ consumer: consumerName().optional(), message: messageId().optional() })
  .meta({ id: 'ReplayRequest', description: 'Which dead letters; all of them when nothing is said' });

const Replayed = z
  .object({ replayed: count('How many are delivered again', 2) })
  .meta({ id: 'Replayed', description: 'What a replay did' });

export const AdminAudit = z
  .object({
    entries: field(
      z.array(AuditEntry.extend({ user: userName() })),
      'Newest first, with whose data each is about',
      [],
    ),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'AdminAudit', description: 'Who did what with whose data: a page' });
export type AdminAudit = z.infer<typeof AdminAudit>;

/** Where the same routes are for those who know them by this path. */
export const ADMIN_ALIAS = { from: '/api/admin/', to: '/v1/admin/' } as const;

const admin = { role: 'admin', scope: 'admin' } as const;

/** For those who run the server: they need the role `admin`. */
export const adminRoutes = {
  getJobStatistics: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/jobs/stats',
    summary: 'Jobs of everybody: counts, durations, queues',
    status: 200,
    response: JobStatistics,
  },
  getSystemHealth: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/health/system',
    summary: 'Processes, services and models of the fleet',
    status: 200,
    response: SystemHealth,
  },
  getPerformance: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/health/performance',
    summary: 'Rolling percentiles of what the fleet does',
    status: 200,
    response: Performance,
  },
  listUsers: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/users',
    summary: 'Everybody who has ever recorded',
    query: z.object(page),
    status: 200,
    response: UserPage,
  },
  getQuotas: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/quotas',
    summary: 'Limits, and who uses them',
    status: 200,
    response: Quotas,
  },
  listDeadLetters: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/dead-letters',
    summary: 'Messages that were given up, oldest first',
    query: z.object({ ...page, consumer: consumerName().optional(), message: messageId().optional() }),
    status: 200,
    response: DeadLetterPage,
  },
  replayDeadLetters: {
    ...admin,
    method: 'POST',
    path: '/v1/admin/dead-letters/replay',
    summary: 'Deliver dead letters again, with five new attempts',
    body: ReplayRequest,
    status: 200,
    response: Replayed,
  },
  getAdminAudit: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/audit',
    summary: 'Who did what with whose data, newest first',
    query: z.object({ ...page, user: userName().optional() }),
    status: 200,
    response: AdminAudit,
  },
  ...policyRoutes,
  ...modelRoutes,
} as const satisfies Record<string, Route>;
