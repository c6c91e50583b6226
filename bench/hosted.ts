/**
 * The live path of the hosted profile with scripted recognition: sockets that send ten chunks a second through one
 * gateway, NATS and PostgreSQL, all on this machine, and how soon their audio is acknowledged; the same on the embedded
 * server in the same run. No chunk may be lost.
 *
 *   node bench/hosted.ts [sockets] [seconds]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finishMessage, openSocket, startMessage, testApp } from '../server/fixtures/test-app.ts';
import { fleetMissing, startFleet } from '../server/fixtures/test-fleet.ts';
import { tokenLine } from '../server/gateway/identity/token-file.ts';
import { createJsonLog } from '../server/observability/json-log.ts';

const SOCKETS = Number(process.argv[2] ?? 200);
const SECONDS = Number(process.argv[3] ?? 20);
/** As many sessions as a user may have at once. */
const SESSIONS_PER_USER = 10;
const CHUNK_SAMPLES = 1600;
const CHUNK_MS = 100;
const TARGET_MS = 100;
/** What being hosted may cost, ms at p95. */
const TARGET_MORE_MS = 50;

const percentile = (sorted: readonly number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

interface Outcome {
  readonly acks: readonly number[];
  readonly lost: number;
}

/** One client: sends silence in time, and notes when each chunk is acknowledged. */
async function client(url: string, token: string): Promise<Outcome> {
  const start = startMessage();
  const session = await openSocket(`${url.replace('http', 'ws')}/ws/transcribe`, token);
  session.send(start);
  await session.next('ready');
  const sentAt: number[] = [];
  const acks: number[] = [];
  let acknowledged = 0;
  session.socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; samples?: number };
    if (message.type !== 'ack') return;
    const now = performance.now();
    for (; acknowledged * CHUNK_SAMPLES < (message.samples ?? 0); acknowledged += 1)
      acks.push(now - (sentAt[acknowledged] as number));
  });
  await sleep(Math.random() * CHUNK_MS);
  const began = performance.now();
  for (let chunk = 0; chunk < SECONDS * 10; chunk += 1) {
    const due = began + chunk * CHUNK_MS;
    const waitMs = due - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    sentAt.push(performance.now());
    session.audio(new Int16Array(CHUNK_SAMPLES), chunk * CHUNK_SAMPLES);
  }
  const samples = SECONDS * 10 * CHUNK_SAMPLES;
  session.send(finishMessage(samples));
  const { receipt } = await session.next('finished');
  session.socket.terminate();
  return { acks, lost: samples / 16 - receipt.acknowledgedMs };
}

/** @returns p95 of the acknowledgements, ms, and audio that was not acknowledged, ms */
async function measure(
  name: string,
  url: string,
  tokenOf: (socket: number) => string,
): Promise<{ p95: number; lostMs: number }> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const outcomes = await Promise.all(
    Array.from({ length: SOCKETS }, (_, socket) => client(url, tokenOf(socket))),
  );
  const { user, system } = process.cpuUsage(cpu);
  const acks = outcomes.flatMap((outcome) => outcome.acks).sort((a, b) => a - b);
  const lostMs = outcomes.reduce((sum, { lost }) => sum + lost, 0);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => percentile(acks, part).toFixed(1));
  const cores = ((user + system) / 1000 / (performance.now() - began)).toFixed(2);
  process.stdout.write(
    `${name.padEnd(9)} ack p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms; lost ${lostMs} ms; ${acks.length} chunks; ` +
      `${cores} cores for clients and server\n`,
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
