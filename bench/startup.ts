/**
 * How long the command line takes to start. Everything is a cold process of the built CLI, alternating with what it is
 * compared with.
 *
 *   node bench/startup.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fillStore, RECORDINGS } from './startup-store.ts';

const root = path.dirname(import.meta.dirname);
const launcher = path.join(root, 'cli', 'bin', 'speakr.cjs');
const work = mkdtempSync(path.join(tmpdir(), 'speakr-startup-'));
let missed = false;

const environment = (dataDir: string) => ({ ...process.env, SPEAKR_DATA_DIR: dataDir, NODE_V8_COVERAGE: '' });

function milliseconds(args: readonly string[], dataDir: string): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: environment(dataDir),
    encoding: 'utf8',
  });
  const elapsed = performance.now() - started;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return elapsed;
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Runs each command `times` times, taking turns, so that a busy moment hits all of them. */
function takeTurns(times: number, commands: Readonly<Record<string, readonly string[]>>, dataDir: string) {
  const found = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
  for (let turn = 0; turn < times; turn++)
    for (const [name, args] of Object.entries(commands)) found.get(name)?.push(milliseconds(args, dataDir));
  return (name: string) => median(found.get(name) ?? []);
}

function target(text: string, met: boolean): void {
  if (!met) missed = true;
  process.stdout.write(`${met ? 'met   ' : 'MISSED'} ${text}\n`);
}

async function startUp(): Promise<void> {
  const dataDir = path.join(work, 'many');
  await fillStore(dataDir);
  const version = takeTurns(15, { node: ['-e', '0'], version: [launcher, '--version'] }, dataDir);
  const commands = takeTurns(
    5,
    { node: ['-e', '0'], list: [launcher, 'list'], query: [launcher, 'query', 'who writes the manual?'] },
    dataDir,
  );
  const line = (name: string, ms: number, bare: number) =>
    process.stdout.write(
      `${name.padEnd(44)}${ms.toFixed(0).padStart(6)} ms${`${(ms / bare).toFixed(1)} ×`.padStart(9)}\n`,
    );
  line('node -e 0', version('node'), version('node'));
  line('speakr --version', version('version'), version('node'));
  line(`speakr list, ${RECORDINGS} recordings, no server`, commands('list'), commands('node'));
  line(`speakr query, ${RECORDINGS} recordings, no server`, commands('query'), commands('node'));
  target('--version ≤ 3 × bare node', version('version') <= 3 * version('node'));
  target('list ≤ 0.4 s', commands('list') <= 400);
  target('query ≤ 1.2 s', commands('query') <= 1200);
}

try {
  await startUp();
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (missed) process.exitCode = 1;
