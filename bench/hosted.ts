/**
 * The live path of the hosted profile with scripted recognition: sockets that send ten chunks a second through one
 * gateway, NATS and PostgreSQL, all on this machine, the clients in a process of their own, and how soon their audio is acknowledged; the same on the embedded
 * server in the same run. No chunk may be lost.
 *
 *   node bench/hosted.ts [sockets] [seconds]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testApp } from '../server/fixtures/test-app.ts';
import { fleetMissing, startFleet } from '../server/fixtures/test-fleet.ts';
import { tokenLine } from '../server/gateway/identity/token-file.ts';
import { createJsonLog } from '../server/observability/json-log.ts';
import type { SocketClients, SocketOutcome } from './socket-clients.ts';

const SOCKETS = Number(process.argv[2] ?? 200);
const SECONDS = Number(process.argv[3] ?? 20);
/** As many sessions as a user may have at once. */
const SESSIONS_PER_USER = 10;
const TARGET_MS = 100;
/** What being hosted may cost, ms at p95. */
const TARGET_MORE_MS = 50;

const percentile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

/** @returns p95 of the acknowledgements, ms, and audio that was not acknowledged, ms */
async function measure(
  name: string,
  url: string,
  tokenOf: (socket: number) => string,
): Promise<{ p95: number; lostMs: number }> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const clients = fork(path.join(import.meta.dirname, 'socket-clients.ts'));
  const tokens = Array.from({ length: SOCKETS }, (_, socket) => tokenOf(socket));
  clients.send({ url, tokens, seconds: SECONDS } satisfies SocketClients);
  const [outcome] = (await Promise.race([
    once(clients, 'message'),
    once(clients, 'exit').then(() => {
      throw new Error('the clients ended without an answer');
    }),
  ])) as [SocketOutcome];
  const { user, system } = process.cpuUsage(cpu);
  const acks = outcome.acks.toSorted((a, b) => a - b);
  const { lostMs } = outcome;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => percentile(acks, part).toFixed(1));
  const coresOf = (ms: number) => (ms / (performance.now() - began)).toFixed(2);
  process.stdout.write(
    `${name.padEnd(9)} ack p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms; lost ${lostMs} ms; ${acks.length} chunks; ` +
      `${coresOf((user + system) / 1000)} cores for the server, ${((user + system) / 1000 / acks.length).toFixed(2)} ms a chunk; ${coresOf(outcome.processorMs)} cores for the clients\n`,
  );
  return { p95: percentile(acks, 0.95), lostMs };
}

function target(isMet: boolean, what: string): void {
  if (!isMet) missed = true;
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'} ${what}\n`);
}

process.stdout.write(
  `${SOCKETS} sockets, ${SESSIONS_PER_USER} a user (embedded: one user), 10 chunks a second, ${SECONDS} s\n`,
);
const undo: (() => Promise<unknown>)[] = [];
let missed = false;
try {
  const missing = await fleetMissing();
  if (missing !== false) throw new Error(missing);
  const folder = await mkdtemp(path.join(tmpdir(), 'speakr-bench-'));
  undo.push(() => rm(folder, { recursive: true }));
  const userOf = (socket: number) => `user-${Math.floor(socket / SESSIONS_PER_USER)}`;
  const users = [...new Set(Array.from({ length: SOCKETS }, (_, socket) => userOf(socket)))];
  const tokensFile = path.join(folder, 'tokens');
  await writeFile(tokensFile, users.map((user) => tokenLine(user, user)).join(''), { mode: 0o600 });
  const fleet = await startFleet({
    env: { SPEAKR_AUDIO_LOG_BYTES: String(1024 ** 3), SPEAKR_TOKENS_FILE: tokensFile },
  });
  undo.push(fleet.stop);
  const { url } = await fleet.start(undefined, { log: createJsonLog({ level: 'error' }) });
  const hosted = await measure('hosted', url, userOf);
  await fleet.stop();
  undo.pop();
  const embedded = await testApp({ after: (hook) => undo.push(async () => (hook as () => unknown)()) });
  const { p95 } = await measure('embedded', embedded.url, () => embedded.app.token);
  target(
    hosted.p95 < TARGET_MS && hosted.lostMs === 0,
    `hosted: p95 ${hosted.p95.toFixed(1)} ms (< ${TARGET_MS}), ${hosted.lostMs} ms of audio lost (0)`,
  );
  target(
    hosted.p95 - p95 <= TARGET_MORE_MS,
    `hosted against embedded: ${(hosted.p95 - p95).toFixed(1)} ms more at p95 (≤ ${TARGET_MORE_MS})`,
  );
} finally {
  for (const each of undo.reverse()) await each();
}
process.exit(missed ? 1 : 0);
