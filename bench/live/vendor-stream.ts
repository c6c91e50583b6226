/**
 * The vendor's own stream, as its package gives it, in a process of its own: chunks of 100 ms in real time, a look at
 * them every 0.5 s. Told what to play by messages (`PlayClip`); answers with `PlayedClip`.
 */
import { readFileSync } from 'node:fs';
import type { ShownText } from './live-log.ts';

// It starts this many threads when it loads, and decodes in none of them.
Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 0 }, configurable: true });

export interface VendorRequest {
  /** PCM16 mono 16 kHz. */
  readonly file: string;
  readonly clip: string;
}
export interface VendorAnswer {
  readonly texts: ShownText[];
  readonly stop: number;
  readonly done: number;
  readonly cpu: number;
}

const CHUNK = 1600;
const RATE = 16_000;
const { Transcriber, ModelArch } = await import('@moonshine-ai/moonshine-wasm');
const [modelFolder = '', engineFolder = ''] = process.argv.slice(2);
const names = ['encoder_model.ort', 'decoder_model_merged.ort', 'tokenizer.bin'];
const transcriber = await Transcriber.load({
  files: new Map(names.map((name) => [name, new Uint8Array(readFileSync(`${modelFolder}/${name}`))])),
  modelArch: ModelArch.Tiny,
  moduleOptions: { locateFile: (name: string) => `${engineFolder}/${name}` },
});

const read = (file: string) => {
  const bytes = readFileSync(file);
  return Float32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2) / 32_768);
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

async function play({ file, clip }: VendorRequest): Promise<VendorAnswer> {
  const samples = read(file);
  const texts: ShownText[] = [];
  const stream = transcriber.createStream({ updateInterval: 0.5 });
  const lines: unknown[] = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const now = () => (performance.now() - started) / 1000;
  const put = (k: 'q' | 'f') => (event: { line: { id: unknown; text: string } }) => {
    let seg = lines.indexOf(event.line.id);
    if (seg < 0) seg = lines.push(event.line.id) - 1;
    texts.push({ stream: 0, clip, t: now(), k, seg, text: event.line.text });
  };
  stream.addListener({ onLineStarted: put('q'), onLineTextChanged: put('q'), onLineCompleted: put('f') });
  stream.start();
  for (let from = 0; from < samples.length; ) {
    await sleep(((from + CHUNK) / RATE - now()) * 1000);
    const heard = Math.floor((now() * RATE) / CHUNK) * CHUNK;
    const to = Math.min(samples.length, Math.max(from + CHUNK, heard));
    stream.addAudio(samples.subarray(from, to), RATE);
    from = to;
    stream.transcribe();
  }
  stream.stop();
  const done = now();
  stream.close();
  const { user, system } = process.cpuUsage(cpu);
  return { texts, stop: samples.length / RATE, done, cpu: (user + system) / 1e6 };
}

const warmUp = Float32Array.from({ length: 8 * RATE }, (_, index) => Math.sin(index / 9) / 9);
for (const seconds of [1, 4, 8, 4, 2]) transcriber.transcribe(warmUp.subarray(0, seconds * RATE));
process.on('message', async (request: VendorRequest) => {
  process.send?.(await play(request));
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
