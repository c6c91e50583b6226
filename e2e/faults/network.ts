import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { until } from '../../scripts/until.ts';
import { jsonLines, newMachine } from '../harness.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import type { Finding, ScenarioOptions } from './finding.ts';
import { type Chance, chanceOf } from './random.ts';
import { assertPrefix, writeNoise } from './signal.ts';

/** Longest time a recorder takes to go on after a fault, backing off between its attempts, ms. */
const RECOVERED_MS = 120_000;

interface BadNetworkOptions extends ScenarioOptions {
  /** Faults in one recording. */
  readonly faults: number;
  /** How long a stall lasts. */
  readonly stallMs: number;
}

const strikes: Record<string, (way: FaultProxy, stallMs: number, chance: Chance) => Promise<void>> = {
  cut: async (way) => way.cut(),
  reset: async (way) => way.cut('reset'),
  'half-open': async (way) => way.deafen(),
  async refused(way, _, chance) {
    way.refuse();
    await pause(chance.between(500, 4000));
    way.admit();
  },
  async stall(way, stallMs) {
    way.stall();
    await pause(stallMs);
    way.flow();
  },
  async loss(way, _, chance) {
    way.lose(0.3, chance);
    await pause(3000);
    way.lose(0, chance);
  },
};

/** A recorder and a server elsewhere, between them a network with one fault after the other, at random moments. */
export async function badNetwork({ seed, faults, stallMs, say }: BadNetworkOptions): Promise<Finding> {
  const chance = chanceOf(seed);
  await using place = await serving();
  await using way = await startFaultProxy(place.url);
  await using machine = newMachine(recorderEnv(way.url, place.token));
  const names = Object.keys(strikes);
  // Stopped when it has been through everything, however long that takes on a busy machine.
  const seconds = 120 + faults * 40 + Math.ceil((Math.ceil(faults / names.length) * stallMs) / 1000);
  const original = writeNoise(machine.path('noise.wav'), seed, seconds);
  const recorder = machine.start(['record', '--input', 'noise.wav', '--no-clipboard', '--json']);
  await recorder.sees(/"type":"ack"/);
  for (let fault = 0; fault < faults; fault += 1) {
    await pause(chance.between(100, 1500));
    // Most faults meet a recording that is well, some one that has not got over the last.
    const acknowledged = acks(recorder.stdout());
    if (chance.next() < 0.8)
      await until('audio is acknowledged again', () => acks(recorder.stdout()) > acknowledged, {
        limitMs: RECOVERED_MS,
      });
    const name = names[fault % names.length] ?? '';
    await strikes[name]?.(way, stallMs, chance);
    say(`${name} (${fault + 1} of ${faults})`);
  }
  const before = acks(recorder.stdout());
  await until('audio is acknowledged again', () => acks(recorder.stdout()) > before, {
    limitMs: RECOVERED_MS,
  });
  recorder.child.kill('SIGINT');
  const { connections, seconds: recorded } = await checkWhole(await recorder.finished, place, original);
  return {
    fault: `${faults} faults of the network in one recording (${names.join(', ')}; stalls of ${stallMs / 1000} s)`,
    held: `${connections} connections, ${recorded} s of audio equal bit for bit on the server, receipt without gaps`,
  };
}

const acks = (stdout: string) => stdout.match(/"type":"ack"/g)?.length ?? 0;

/** Whether this process may have the kernel drop packets. */
export const canDropPackets = (): boolean =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('iptables', ['-w', '-L', '-n']).status === 0;

/** The kernel drops three of ten packets of every connection to the server, in both directions. */
export async function lossyNetwork({
  seed,
  seconds,
  say,
}: ScenarioOptions & { readonly seconds: number }): Promise<Finding> {
  await using place = await serving();
  await using machine = newMachine(recorderEnv(place.url, place.token));
  const { port } = new URL(place.url);
  const original = writeNoise(machine.path('noise.wav'), seed, seconds);
  const rules = ['--dport', '--sport'].map((side) => [
    ...['INPUT', '-i', 'lo', '-p', 'tcp', side, port],
    ...['-m', 'statistic', '--mode', 'random', '--probability', '0.3', '-j', 'DROP'],
  ]);
  const iptables = (action: string) => {
    for (const rule of rules) {
      const { status, stderr } = spawnSync('iptables', ['-w', action, ...rule], { encoding: 'utf8' });
      if (status !== 0 && action === '-A') throw new Error(`packets cannot be dropped: ${stderr}`);
    }
  };
  let connections: number;
  iptables('-A');
  try {
    const recorder = machine.start(['record', '--input', 'noise.wav', '--no-clipboard', '--json']);
    const finished = await recorder.finished;
    iptables('-D');
    ({ connections } = await checkWhole(finished, place, original));
  } finally {
    iptables('-D');
  }
  say('packets get through again');
  return {
    fault: `30 % of the packets dropped by the kernel, both ways, for ${seconds} s`,
    held: `${connections} connections, audio equal bit for bit on the server, receipt without gaps`,
  };
}

/** A server in the foreground on a machine of its own. */
async function serving() {
  const server = newMachine();
  const running = server.start(['serve']);
  await running.sees(/token {2}\S+\n/);
  const [, url = '', token = ''] = /url {4}(\S+)\ntoken {2}(\S+)/.exec(running.stdout()) ?? [];
  return {
    url,
    token,
    async [Symbol.asyncDispose]() {
      running.child.kill('SIGTERM');
      await running.finished;
      await server[Symbol.asyncDispose]();
    },
  };
}

const recorderEnv = (url: string, token: string) => ({
  SPEAKR_SERVER: url,
  SPEAKR_TOKEN: token,
  SPEAKR_FAILOVER: 'off',
});

async function checkWhole(
  { code, stdout, stderr }: { code: number | null; stdout: string; stderr: string },
  { url, token }: { url: string; token: string },
  original: Buffer,
): Promise<{ connections: number; seconds: number }> {
  assert.equal(code, 0, stderr);
  const events = jsonLines(stdout);
  const { recordingId, receipt } = events.at(-1) as unknown as {
    recordingId: string;
    receipt: { capturedMs: number; acknowledgedMs: number; gaps: unknown[] };
  };
  assert.deepEqual([receipt.acknowledgedMs, receipt.gaps], [receipt.capturedMs, []]);
  const response = await fetch(`${url}/v1/recordings/${recordingId}/audio`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const kept = Buffer.from(await response.arrayBuffer()).subarray(44);
  assertPrefix(kept, original, recordingId);
  assert.equal(Math.round(kept.length / 32), receipt.capturedMs);
  return {
    connections: events.filter(({ type }) => type === 'ready').length,
    seconds: Math.round(receipt.capturedMs / 1000),
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
