/**
 * The single executable beside the same bundle packed by @yao-pkg/pkg and beside the bundle that npm installs: how long
 * it takes to start, to list, to transcribe, and how large it is. Cold processes, taking turns. Ends with 1 when a
 * target is missed. pkg is fetched from the npm registry; without it the rest is measured.
 *
 *   node bench/binary.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildExecutable } from './build-executable.ts';
import { defaultModelsDir } from './models-dir.ts';

const root = path.dirname(import.meta.dirname);
const work = mkdtempSync(path.join(tmpdir(), 'speakr-binary-'));
const clip = path.join(root, 'samples', 'demo.flac');
let missed = false;

function milliseconds(command: readonly string[], name: string): number {
  const [program = '', ...args] = command;
  const started = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    env: {
      PATH: process.env.PATH,
      HOME: work,
      SPEAKR_MODELS_DIR: defaultModelsDir(),
      SPEAKR_DATA_DIR: path.join(work, `data-${name}`),
      SPEAKR_IDLE_EXIT_MS: '30000',
    },
    encoding: 'utf8',
  });
  const elapsed = performance.now() - started;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
  return elapsed;
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function target(text: string, met: boolean): void {
  if (!met) missed = true;
  process.stdout.write(`${met ? 'met   ' : 'MISSED'} ${text}\n`);
}

try {
  const executable = buildExecutable(work);
  if (executable === undefined) throw new Error('The executable could not be built.');
  const packed = buildExecutable(work, '--with', 'pkg');
  const bundle = path.join(root, 'dist', 'speakr.mjs');
  const programs: Record<string, readonly string[]> = {
    'single executable': [executable],
    ...(packed === undefined ? {} : { 'the same by pkg': [packed] }),
    'bundle in node': [process.execPath, bundle],
  };
  const times = new Map<string, number[]>();
  const take = (name: string, kind: string, command: readonly string[]) => {
    const key = `${name} ${kind}`;
    const taken = milliseconds(command, name.replaceAll(' ', '-'));
    times.set(key, [...(times.get(key) ?? []), taken]);
  };
  const of = (name: string, kind: string) => median(times.get(`${name} ${kind}`) ?? []);
  const turns = (count: number, kind: string, args: readonly string[]) => {
    // The first one of each fills caches.
    for (let turn = -1; turn < count; turn++) {
      if (turn === 0) for (const name of Object.keys(programs)) times.delete(`${name} ${kind}`);
      take('node', kind, [process.execPath, '-e', '0']);
      for (const [name, program] of Object.entries(programs)) take(name, kind, [...program, ...args]);
    }
  };
  turns(15, '--version', ['--version']);
  turns(7, 'list', ['list']);
  turns(5, 'transcribe', ['transcribe', clip]);

  const bare = of('node', '--version');
  process.stdout.write(`node -e 0${' '.repeat(15)}${bare.toFixed(0).padStart(6)} ms\n`);
  process.stdout.write(`${' '.repeat(24)}--version      list   transcribe      size\n`);
  for (const [name, [program = '']] of Object.entries(programs)) {
    const cells = ['--version', 'list', 'transcribe'].map((kind, index) =>
      `${of(name, kind).toFixed(0)} ms`.padStart([9, 10, 13][index] ?? 0),
    );
    if (name !== 'bundle in node') {
      cells.push(`${(statSync(program).size / 1e6).toFixed(1)} MB`.padStart(10));
    }
    process.stdout.write(`${name.padEnd(24)}${cells.join('')}\n`);
  }
  const version = of('single executable', '--version');
  target(`--version ≤ 2 × bare node: ${(version / bare).toFixed(2)} ×`, version <= 2 * bare);
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (missed) process.exitCode = 1;
