/**
 * HTTP of the hosted profile: one gateway in a process of its own on PostgreSQL and NATS, asked by a client in this
 * process; beside it Fastify and `pg` alone, which read and write the same rows, in turns. All on this machine.
 *
 *   node bench/hosted-http.ts [seconds of each round]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { v7 as uuidv7 } from 'uuid';
import { percentile } from '../cli/bench/scoring/percentile.ts';
import { type RoleProcess, startStage } from '../e2e/faults-hosted/stage.ts';
import { execute } from '../server/fixtures/postgres-database.ts';
import { fleetMissing } from '../server/fixtures/test-fleet.ts';

const SECONDS = Number(process.argv[2] ?? 6);
const ROUNDS = 3;
const WARM_UP_SECONDS = 4;
const CONNECTIONS = 24;
const RECORDINGS = 200;
const SEGMENTS = 20;
const RATE = 1000;
const TARGET_P95_MS = 150;
const TARGET_SHARE = 0.6;
const TARGET_ERRORS = 0.01;

interface Asked {
  readonly method?: 'GET' | 'PATCH';
  readonly path: string;
  readonly body?: object;
}
interface Measured {
  readonly perSecond: number;
  readonly times: readonly number[];
  readonly errors: number;
  /** Of the server for one request; undefined where nobody looked. */
  readonly cpuMs?: number;
}

const missing = await fleetMissing();
if (missing !== false) throw new Error(missing);
const stage = await startStage();
let bare: ChildProcess | undefined;
let missed = false;
try {
  const gateway = await stage.spawn('gateway');
  const ids = await fill(gateway);
  // What is running asks the broker how long it is by now: few of all recordings are.
  await execute(
    stage.fleet.urls.admin,
    `update speakr.recordings set state = 'ready' where id <> '${ids[0]}'`,
  );
  bare = spawn(process.execPath, [path.join(import.meta.dirname, 'bare-server.ts')], {
    env: { ...process.env, DATABASE_URL: stage.fleet.urls.admin },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const bareUrl = await readyUrl(bare);
  const one = (): Asked => ({ path: `/v1/recordings/${ids[Math.floor(Math.random() * ids.length)]}` });
  const mix = () => ordinary(one);
  for (const url of [gateway.url, bareUrl]) await saturate(url, mix, WARM_UP_SECONDS);

  const atBare = { name: 'Fastify and pg alone', url: bareUrl, pid: bare.pid };
  const atGateway = { name: 'gateway', url: gateway.url, pid: gateway.pid };
  const turns = [
    { what: 'one recording', next: one, ...atBare, rounds: [] as Measured[] },
    { what: 'one recording', next: one, ...atGateway, rounds: [] as Measured[] },
    { what: 'all kinds', next: mix, ...atBare, rounds: [] as Measured[] },
    { what: 'all kinds', next: mix, ...atGateway, rounds: [] as Measured[] },
  ];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { rounds, url, next, pid } of turns) rounds.push(await saturate(url, next, SECONDS, pid));
  process.stdout.write(
    `${CONNECTIONS} connections, as fast as they are answered, median of ${ROUNDS} rounds\n`,
  );
  const rates = turns.map(({ what, name, rounds }) => show(`${what}: ${name}`, rounds));
  const paced = await pace(gateway.url, mix, RATE, 2 * SECONDS);
  process.stdout.write(`${RATE} requests a second, of all kinds\n`);
  show('all kinds: gateway', [paced]);
  const p95 = percentile(paced.times, 0.95);
  const [bareRate = 0, gatewayRate = 0] = rates.slice(-2);
  const share = gatewayRate / bareRate;
  const isFast =
    paced.perSecond > RATE * 0.98 && p95 < TARGET_P95_MS && paced.errors < TARGET_ERRORS * RATE * 2 * SECONDS;
  target(
    isFast || share >= TARGET_SHARE,
    `${RATE} requests/s with p95 ${p95.toFixed(1)} ms (< ${TARGET_P95_MS}) and ${paced.errors} errors (< 1 %); ` +
      `${Math.round(share * 100)} % of Fastify and pg alone, of all kinds (or ≥ ${TARGET_SHARE * 100} % of it)`,
  );
} finally {
  bare?.kill();
  await stage.stop();
}
process.exit(missed ? 1 : 0);

function target(isMet: boolean, what: string): void {
  if (!isMet) missed = true;
  process.stdout.write(`${isMet ? 'met   ' : 'MISSED'} ${what}\n`);
}

/** @returns requests a second, of the round in the middle */
function show(what: string, rounds: readonly Measured[]): number {
  const rate = percentile(
    rounds.map(({ perSecond }) => perSecond),
    0.5,
  );
  const times = rounds.flatMap((round) => round.times);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(times, share).toFixed(1));
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
  const { cpuMs } = rounds.at(-1) ?? {};
  const cost = cpuMs === undefined ? '' : `, ${cpuMs.toFixed(2)} ms of its processor each`;
  process.stdout.write(
    `  ${what.padEnd(37)} ${rate.toFixed(0).padStart(5)}/s   p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, ${errors} errors${cost}\n`,
  );
  return rate;
}

/**
 * What clients ask for: half of it one recording, then pages of twenty, transcripts of twenty segments, the status, and
 * one change in ten.
 */
function ordinary(one: () => Asked): Asked {
  const { path: recording } = one();
  const choice = Math.random();
  if (choice < 0.5) return { path: recording };
  if (choice < 0.65) return { path: '/v1/recordings?limit=20' };
  if (choice < 0.8) return { path: `${recording}/transcript` };
  if (choice < 0.9) return { path: '/v1/status' };
  return { method: 'PATCH', path: recording, body: { tags: [`t${Math.floor(Math.random() * 10)}`] } };
}

async function ask(
  pool: Pool,
  { method = 'GET', path: asked, body }: Asked,
): Promise<{ ms: number; isGood: boolean }> {
  const began = performance.now();
  try {
    const response = await pool.request({
      method,
      path: asked,
      headers: {
        authorization: 'Bearer alex',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await response.body.dump();
    return { ms: performance.now() - began, isGood: response.statusCode === 200 };
  } catch {
    return { ms: performance.now() - began, isGood: false };
  }
}

function poolOf(url: string): Pool {
  return new Pool(url, { connections: CONNECTIONS, pipelining: 1 });
}

/** @param pid the server's process, to see what it costs */
async function saturate(url: string, next: () => Asked, seconds: number, pid?: number): Promise<Measured> {
  const pool = poolOf(url);
  const cpuBefore = pid === undefined ? 0 : cpuMsOf(pid);
  const times: number[] = [];
  let errors = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < end) {
        const { ms, isGood } = await ask(pool, next());
        times.push(ms);
        if (!isGood) errors += 1;
      }
    }),
  );
  const perSecond = times.length / ((performance.now() - began) / 1000);
  await pool.close();
  if (pid === undefined) return { perSecond, times, errors };
  return { perSecond, times, errors, cpuMs: (cpuMsOf(pid) - cpuBefore) / times.length };
}

/** Processor time of a process so far, ms: Linux counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** At a rate, whether or not the ones before are answered: who is slow is asked all the same, and waits count. */
async function pace(url: string, next: () => Asked, rate: number, seconds: number): Promise<Measured> {
  const pool = poolOf(url);
  const times: number[] = [];
  let errors = 0;
  const under: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < rate * seconds; ) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - began) / 1000) * rate));
    for (; sent < due; sent += 1)
      under.push(
        ask(pool, next()).then(({ ms, isGood }) => {
          times.push(ms);
          if (!isGood) errors += 1;
        }),
      );
    await sleep(1);
  }
  await Promise.all(under);
  const perSecond = times.length / ((performance.now() - began) / 1000);
  await pool.close();
  return { perSecond, times, errors };
}

async function fill({ url }: RoleProcess): Promise<string[]> {
  const segments = Array.from({ length: SEGMENTS }, (_, index) => ({
    startMs: index * 5000,
    endMs: index * 5000 + 4500,
    text: `Alex will send part ${index} of the budget to finance by Friday, and Maria calls the printer.`,
  }));
  const ids = Array.from({ length: RECORDINGS }, () => uuidv7());
  for (const id of ids) {
    const body = {
      id,
      source: 'x',
      startedAt: 1,
      language: 'en',
      title: 'Budget',
      tags: ['a'],
      template: 'meeting',
    };
    const response = await fetch(`${url}/v1/recordings`, {
      method: 'POST',
      body: JSON.stringify({ ...body, segments }),
      headers: { authorization: 'Bearer alex', 'content-type': 'application/json' },
    });
    if (response.status !== 201) throw new Error(await response.text());
  }
  return ids;
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const url = /^ready (\S+)$/m.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`the bare server ended with ${code}`)));
  });
}
