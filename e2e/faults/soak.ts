/**
 * `npm run soak`: the long forms of the faults in this folder, one after the other; a broken guarantee ends it with 1 and
 * names the seed. `npm run soak -- kills-of-recorders` runs some, `--seed N` repeats a run, `--share 0.1` does a tenth of
 * each, `--write` puts the results with date and machine into docs/soak.md. The short forms run in the tests.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildCli, root } from '../harness.ts';
import { sleepInRecording } from './asleep.ts';
import type { Finding, ScenarioOptions } from './finding.ts';
import { fillDisk, killOnFullDisk } from './full-disk.ts';
import { killRecorders } from './killed-recorders.ts';
import { killServers } from './killed-servers.ts';
import { longRecording } from './long-recording.ts';
import { badNetwork, canDropPackets, lossyNetwork } from './network.ts';
import { canMount } from './small-disk.ts';

interface Scenario {
  run(options: ScenarioOptions): Promise<Finding>;
  /** Why it cannot run here. */
  impossible?(): Promise<string | undefined> | string | undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    share: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const share = Number(values.share);
/** As much of a long form as was asked for. */
const part = (count: number) => Math.max(1, Math.round(count * share));
const mounting = () => (canMount() ? undefined : 'needs root on Linux, to mount a small file system');

const noFleet = async () => {
  const { fleetMissing } = await import('../../server/fixtures/test-fleet.ts');
  return (await fleetMissing()) || undefined;
};

const scenarios: Record<string, Scenario> = {
  'kills-of-recorders': { run: (options) => killRecorders({ ...options, kills: part(200), together: 8 }) },
  'kills-of-servers': {
    run: (options) => killServers({ ...options, kills: part(200), together: 4, killsEach: 10 }),
  },
  network: { run: (options) => badNetwork({ ...options, faults: part(12), stallMs: 60_000 }) },
  'packet-loss': {
    run: (options) => lossyNetwork({ ...options, seconds: part(60) }),
    impossible: () => (canDropPackets() ? undefined : 'needs root on Linux and iptables, to drop packets'),
  },
  'full-disk': {
    run: (options) => fillDisk({ ...options, times: part(10), whose: 'spool' }),
    impossible: mounting,
  },
  'full-disk-of-server': {
    run: (options) => fillDisk({ ...options, times: part(5), whose: 'server' }),
    impossible: mounting,
  },
  'kill-on-full-disk': { run: killOnFullDisk, impossible: mounting },
  sleep: { run: (options) => sleepInRecording({ ...options, sleepMs: 120_000 }) },
  'kills-in-a-fleet': {
    async run(options) {
      const { killRandomly } = await import('../faults-hosted/random-kills.ts');
      return killRandomly({
        ...options,
        live: part(18),
        real: part(2),
        jobs: part(50),
        phrases: Math.max(20, part(90)),
        kills: part(60),
        awayMs: 60_000,
      });
    },
    impossible: noFleet,
  },
  'faults-in-a-fleet': {
    async run(options) {
      const { surviveSingleFaults } = await import('../faults-hosted/single-faults.ts');
      return surviveSingleFaults({
        ...options,
        live: part(18),
        real: part(2),
        jobs: part(50),
        phrases: 40,
        audioMb: 512,
      });
    },
    impossible: noFleet,
  },
  'hostile-requests': {
    async run(options) {
      const { hostileRequests } = await import('../fuzz/hostile-requests.ts');
      return hostileRequests({ ...options, requests: part(20_000) });
    },
    impossible: noFleet,
  },
  'hostile-sockets': {
    async run(options) {
      const { hostileSockets } = await import('../fuzz/hostile-sockets.ts');
      return hostileSockets({ ...options, messages: part(12_000) });
    },
    impossible: noFleet,
  },
  'eight-hours': { run: (options) => longRecording({ ...options, minutes: part(480) }) },
};

const unknown = positionals.filter((name) => !(name in scenarios));
if (unknown.length > 0 || !Number.isInteger(seed) || !(share > 0)) {
  process.stderr.write(
    `There is: ${Object.keys(scenarios).join(', ')}; --seed takes a whole number, --share a part of 1.\n`,
  );
  process.exit(2);
}

const page = path.join(root, 'docs', 'soak.md');

/** Rows of the page as it is, by scenario. */
function knownRows(): Map<string, string> {
  const text = existsSync(page) ? readFileSync(page, 'utf8') : '';
  return new Map([...text.matchAll(/^\| `([\w-]+)` \|.*$/gm)].map(([row, name = '']) => [name, row]));
}

function write(name: string, { fault, held }: Finding): void {
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${gibibytes} GB, ${platform()} ${release()}, Node ${process.versions.node}`;
  const rows = knownRows();
  rows.set(
    name,
    `| \`${name}\` | ${fault} | ${held} | ${new Date().toISOString().slice(0, 10)}, seed ${seed} |`,
  );
  const ordered = Object.keys(scenarios).flatMap((each) => rows.get(each) ?? []);
  writeFileSync(
    page,
    `# Soak

Written by \`npm run soak -- --write\`; what each guarantee is, and the tests that hold it on every change, are in
[reliability.md](reliability.md). Last run on ${machine}.

| scenario | what was done | what held | when |
| --- | --- | --- | --- |
${ordered.join('\n')}
`,
  );
}

buildCli();
let broken = 0;
for (const name of positionals.length > 0 ? positionals : Object.keys(scenarios)) {
  const { run, impossible } = scenarios[name] as Scenario;
  const why = await impossible?.();
  if (why !== undefined) {
    process.stdout.write(`SKIPPED ${name}: ${why}\n`);
    continue;
  }
  process.stdout.write(`${name} …\n`);
  try {
    const finding = await run({ seed, say: (line) => process.stdout.write(`  ${line}\n`) });
    process.stdout.write(`  ${finding.fault}: ${finding.held}\n`);
    if (values.write) write(name, finding);
  } catch (error) {
    broken += 1;
    process.stdout.write(`BROKEN ${name} (seed ${seed}): ${(error as Error).stack}\n`);
  }
}
process.exitCode = broken === 0 ? 0 : 1;
