/**
 * What those who run the server wait for: every GET below /v1/admin/ on a gateway of the hosted profile, with a million
 * jobs of 2,000 users in PostgreSQL. Jobs are written by SQL, with the triggers that count them. All on this machine.
 *
 *   node bench/admin.ts [jobs]
 */
import { percentile } from '../cli/bench/scoring/percentile.ts';
import { adminRoutes } from '../contracts/admin.ts';
import type { Route } from '../contracts/route.ts';
import { execute } from '../server/fixtures/postgres-database.ts';
import { fleetMissing, startFleet } from '../server/fixtures/test-fleet.ts';

const JOBS = Number(process.argv[2] ?? 1_000_000);
const USERS = 2000;
const RECORDINGS_OF_USER = 20;
const ROUNDS = 100;
const TARGET_P95_MS = 100;

const missing = await fleetMissing();
if (missing !== false) throw new Error(missing);
const fleet = await startFleet();
let missed = false;
try {
  await fill();
  const { request } = await fleet.start();
  const [{ jobs } = {}] = (await execute(fleet.urls.admin, 'select count(*)::int as jobs from speakr.jobs'))
    .rows as { jobs: number }[];
  process.stdout.write(
    `${jobs} jobs of ${USERS} users, ${USERS * RECORDINGS_OF_USER} recordings; ${ROUNDS} calls each\n`,
  );
  for (const route of Object.values<Route>(adminRoutes)) {
    if (route.method !== 'GET' || route.path.includes('{')) continue;
    const times: number[] = [];
    for (let round = -3; round < ROUNDS; round += 1) {
      const start = performance.now();
      const answer = await request('olga', route.path);
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${route.path}: ${answer.status} ${text}`);
      if (round >= 0) times.push(performance.now() - start);
    }
    const p95 = percentile(times, 0.95);
    if (p95 >= TARGET_P95_MS) missed = true;
    process.stdout.write(
      `${route.path.padEnd(32)} p50 ${percentile(times, 0.5).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms\n`,
    );
  }
  const counted = (await execute(fleet.urls.admin, 'select sum(jobs)::int as jobs from speakr.job_counts'))
    .rows[0];
  if (counted?.jobs !== jobs) throw new Error(`${counted?.jobs} are counted of ${jobs}`);
  process.stdout.write(`${missed ? 'MISSED' : 'met'}: p95 < ${TARGET_P95_MS} ms for each\n`);
} finally {
  await fleet.stop();
}
if (missed) process.exitCode = 1;

/** Users, recordings and jobs as a team leaves them in a month: most succeeded, some failed, a few wait. */
async function fill(): Promise<void> {
  const start = performance.now();
  await execute(
    fleet.urls.admin,
    `set search_path = speakr, public;
     insert into users select 'user-' || n, '\\x00', 1 from generate_series(1, ${USERS}) n;
     insert into recordings
       select 'user-' || u, lpad(u::text, 6, '0') || '-' || r, '\\x00', 'ready', 'live', 'en', 'moonshine-tiny-en',
         1795262400000 + r * 3600000, 1795262400000, 1795262400000, null, 1800000, 1, null, '{}', '\\x00', null
       from generate_series(1, ${USERS}) u, generate_series(1, ${RECORDINGS_OF_USER}) r;
     insert into audit_log (user_id, at, actor, action, recording_id, subject)
       select 'user-' || (1 + n % ${USERS}), 1795262400000 + n, 'user-1', 'recording.read', '', null
       from generate_series(1, 100000) n;
     insert into jobs
       select 'user-' || u, 'job-' || n, lpad(u::text, 6, '0') || '-' || (1 + n % ${RECORDINGS_OF_USER}), kind, state,
         'message-' || n, 'transcription.run.v1', '{"revision":1}', 1000, 0,
         '[{"startedAt":' || (1795262400000 + n * 2 + 40) || ',"endedAt":' || (1795262400000 + n * 2 + 900) ||
           ',"outcome":"succeeded"}]',
         null, 1795262400000 + n * 2, 1795262400000 + n * 2,
         case when state = 'queued' then null else 1795262400000 + n * 2 + 900 + n % 5000 end
       from (
         select n, 1 + n % ${USERS} as u,
           (array['transcription', 'embedding', 'notes', 'archive', 'ingestion'])[1 + (n / 7) % 5] as kind,
           case when n % 1000 = 0 then 'queued' when n % 50 = 0 then 'failed' else 'succeeded' end as state
         from generate_series(1, ${JOBS}) n
       ) numbered;
     analyze;`,
  );
  process.stdout.write(`made in ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
}
