/**
 * The live path of the hosted profile with scripted recognition: sockets that send ten chunks a second, how soon their
 * audio is acknowledged, and that no chunk is lost. Through a gateway of its own, as a fleet has it; through one process
 * with all roles; and through the embedded server, all in one run and on this machine, with the clients in a process of
 * their own.
 *
 *   node bench/hosted.ts [sockets] [seconds]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { percentile } from '../cli/bench/scoring/percentile.ts';
import { startStage } from '../e2e/faults-hosted/stage.ts';
import { roleNames } from '../server/config.ts';
import { testApp } from '../server/fixtures/test-app.ts';
import { fleetMissing } from '../server/fixtures/test-fleet.ts';
import { tokenLine } from '../server/gateway/identity/token-file.ts';
import { processSeconds } from './live/processor.ts';
import type { SocketClients, SocketOutcome } from './socket-clients.ts';

const SOCKETS = Number(process.argv[2] ?? 200);
const SECONDS = Number(process.argv[3] ?? 60);
/** As many sessions as a user may have at once. */
const SESSIONS_PER_USER = 10;
const TARGET_MS = 100;

interface Measured {
  /** Of the acknowledgements, ms. */
  readonly p95: number;
  /** Audio that was not acknowledged, ms. */
  readonly lostMs: number;
}

/** @param pids of the server's processes, by what they are */
async function measure(
  name: string,
  url: string,
  tokenOf: (socket: number) => string,
  pids: Readonly<Record<string, number>>,
): Promise<Measured> {
  const began = performance.now();
  const before = Object.entries(pids).map(([what, pid]) => ({ what, pid, seconds: processSeconds(pid) }));
  const clients = fork(path.join(import.meta.dirname, 'socket-clients.ts'));
  const tokens = Array.from({ length: SOCKETS }, (_, socket) => tokenOf(socket));
  clients.send({ url, tokens, seconds: SECONDS } satisfies SocketClients);
  const [outcome] = (await Promise.race([
    once(clients, 'message'),
    once(clients, 'exit').then(() => {
      throw new Error('the clients ended without an answer');
    }),
  ])) as [SocketOutcome];
  const seconds = (performance.now() - began) / 1000;
  const { acks, lostMs } = outcome;
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => percentile(acks, part).toFixed(1));
  const used = [
    ...before.map((each) => ({
      what: each.what,
      cores: (processSeconds(each.pid) - each.seconds) / seconds,
    })),
    { what: 'clients', cores: outcome.processorMs / 1000 / seconds },
  ];
  process.stdout.write(
    `${name.padEnd(12)} ack p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms; lost ${lostMs} ms; ${acks.length} chunks; ` +
      `cores: ${used.map(({ what, cores }) => `${what} ${cores.toFixed(2)}`).join(', ')}\n`,
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
  const stage = await startStage({
    env: { SPEAKR_AUDIO_LOG_BYTES: String(1024 ** 3), SPEAKR_TOKENS_FILE: tokensFile },
  });
  undo.push(stage.stop);
  const gateway = await stage.spawn('gateway');
  const others = await stage.spawn(roleNames.filter((role) => role !== 'gateway').join(','));
  const nats = stage.nats.pid;
  const apart = await measure('gateway', gateway.url, userOf, {
    gateway: gateway.pid,
    'other roles': others.pid,
    nats,
  });
  await others.kill('SIGTERM');
  await gateway.kill('SIGTERM');
  const all = await stage.spawn('all');
  await measure('one process', all.url, userOf, { 'all roles': all.pid, nats });
  await stage.stop();
  undo.pop();
  const embedded = await testApp({ after: (hook) => undo.push(async () => (hook as () => unknown)()) });
  await measure('embedded', embedded.url, () => embedded.app.token, { server: process.pid });
  target(
    apart.p95 < TARGET_MS && apart.lostMs === 0,
    `one gateway: p95 ${apart.p95.toFixed(1)} ms (< ${TARGET_MS}), ${apart.lostMs} ms of audio lost (0)`,
  );
} finally {
  for (const each of undo.reverse()) await each();
}
process.exit(missed ? 1 : 0);
