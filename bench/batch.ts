/**
 * What the speech path costs beside the bare engine (the vendor's library on the same windows) and our own network, how
 * two workers compare with one, and the memory of everything a recording needs. Clips of SPEAKR_TEST_AUDIO, or our own samples without it.
 *
 *   node bench/batch.ts [--seconds 600]
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAsset } from '../server/assets.ts';
import { createModels } from '../server/models/models.ts';
import { openLibrary } from '../server/transcriber/moonshine-library.ts';
import { OWN_ARCHITECTURE } from '../server/transcriber/moonshine-model.ts';
import type { Recognizer } from '../server/transcriber/recognizer.ts';
import { clipsFolder, readAudio, readClips } from './clips.ts';
import { type Engines, openEngines, transcribePcm } from './engines.ts';
import { defaultModelsDir } from './models-dir.ts';

const { values: flags } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } });
const TARGET = { overhead: 1.25, speedUp: 1.7, megabytes: 1300 };
/** Seconds measured in one go; path and engine take turns at that pace, so that a busy moment hits both. */
const TURN_SECONDS = 60;

let missed = false;

const sum = (costs: readonly Cost[]): Cost => ({
  cpu: costs.reduce((total, { cpu }) => total + cpu, 0),
  wall: costs.reduce((total, { wall }) => total + wall, 0),
});

const turns = await readTurns(Number(flags.seconds));
const one = await openEngines({ maxWorkers: 1 });
await overhead(one);
const two = await openEngines({ maxWorkers: 2 });
await workers(one, two);
await Promise.all([one.close(), two.close()]);
memory();
process.exit(missed ? 1 : 0);

/** Speech in stretches of TURN_SECONDS: PCM16 mono 16 kHz. */
async function readTurns(seconds: number): Promise<Uint8Array[]> {
  const folder = clipsFolder();
  const files =
    folder === undefined
      ? [join(import.meta.dirname, '..', 'samples', 'standup.flac')]
      : (await readClips(folder)).filter((clip) => !clip.variant).map(({ file }) => join(folder, file));
  const made: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  let length = 0;
  const turnBytes = TURN_SECONDS * 32_000;
  while (made.length * TURN_SECONDS < seconds)
    for (const file of files) {
      const pcm = await readAudio(file);
      open.push(pcm, new Uint8Array(32_000));
      length += pcm.length + 32_000;
      if (length < turnBytes) continue;
      made.push(Buffer.concat(open));
      open = [];
      length = 0;
      if (made.length * TURN_SECONDS >= seconds) break;
    }
  return made;
}

/** A recognizer that keeps what it was asked. */
function recording(recognizer: Recognizer): Recognizer & { readonly windows: Float32Array[] } {
  const windows: Float32Array[] = [];
  return {
    ...recognizer,
    windows,
    decode(samples, options) {
      windows.push(samples.slice());
      return recognizer.decode(samples, options);
    },
  };
}

interface Cost {
  cpu: number;
  wall: number;
}

async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const started = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - started) / 1000 };
}

function decodeAll(recognizer: Recognizer, windows: readonly Float32Array[]): Promise<unknown> {
  return Promise.all(
    windows.map((samples) =>
      recognizer.decode(samples, { language: 'en', priority: 'batch', session: 'bench' }),
    ),
  );
}

async function overhead({ recognizer, voiceActivity }: Engines): Promise<void> {
  // The first minute only warms the machine code up.
  await transcribePcm({ recognizer, voiceActivity }, [turns[0] as Uint8Array]);
  const path: Cost[] = [];
  const network: Cost[] = [];
  const library: Cost[] = [];
  const transcribe = await openVendor();
  let windows = 0;
  for (const pcm of turns) {
    const keeping = recording(recognizer);
    path.push(await measure(() => transcribePcm({ recognizer: keeping, voiceActivity }, [pcm])));
    network.push(await measure(() => decodeAll(recognizer, keeping.windows)));
    library.push(await measure(async () => keeping.windows.forEach((samples) => void transcribe(samples))));
    windows += keeping.windows.length;
  }
  const seconds = turns.reduce((total, pcm) => total + pcm.length / 32_000, 0);
  print(`${Math.round(seconds)} s of speech in ${windows} windows, one worker, seconds per second of audio`);
  const [whole, own, bare] = [sum(path), sum(network), sum(library)];
  for (const [name, { cpu, wall }] of [
    ['whole path', whole],
    ['our network', own],
    ["vendor's library", bare],
  ] as const)
    print(`  ${name.padEnd(18)}CPU ${(cpu / seconds).toFixed(4)}   wall ${(wall / seconds).toFixed(4)}`);
  const ratio = whole.cpu / bare.cpu;
  target(
    `whole path costs ${ratio.toFixed(2)} × the bare engine in CPU time (≤ ${TARGET.overhead})`,
    ratio <= TARGET.overhead,
  );
  print(`       our network alone ${(own.cpu / bare.cpu).toFixed(2)} ×`);
}

/** The default model in the vendor's library, in this thread. */
async function openVendor(): Promise<(samples: Float32Array) => { text: string }> {
  const files = await createModels({ modelsDir: defaultModelsDir() }).require('moonshine-tiny-en');
  const wasm = await WebAssembly.compile((await readAsset('moonshine.wasm')) as Uint8Array<ArrayBuffer>);
  return openLibrary({ files, arch: OWN_ARCHITECTURE, wasm });
}

async function workers(one: Engines, two: Engines): Promise<void> {
  const keeping = recording(one.recognizer);
  await transcribePcm({ ...one, recognizer: keeping }, turns.slice(0, 2));
  await decodeAll(two.recognizer, keeping.windows.slice(0, 2));
  const ratios: number[] = [];
  for (let round = 0; round < 5; round++) {
    const alone = await measure(() => decodeAll(one.recognizer, keeping.windows));
    const both = await measure(() => decodeAll(two.recognizer, keeping.windows));
    ratios.push(alone.wall / both.wall);
  }
  const median = ratios.sort((a, b) => a - b)[2] as number;
  target(
    `two workers are ${median.toFixed(2)} × as fast as one, median of 5 (≥ ${TARGET.speedUp}; ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`,
    median >= TARGET.speedUp,
  );
}

/** In a process of its own, since memory that was used once stays. */
function memory(): void {
  const script = join(import.meta.dirname, 'batch-memory.ts');
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // As the background server is started.
    env: { ...process.env, MALLOC_ARENA_MAX: '2' },
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
  const { megabytes } = JSON.parse(stdout) as { megabytes: number };
  target(
    `two workers, voice activity and embedder take ${Math.round(megabytes)} MB at most (≤ ${TARGET.megabytes})`,
    megabytes <= TARGET.megabytes,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
function target(text: string, met: boolean): void {
  if (!met) missed = true;
  print(`${met ? 'met   ' : 'MISSED'} ${text}`);
}
