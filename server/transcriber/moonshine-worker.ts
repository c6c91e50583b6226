import { workerData } from 'node:worker_threads';
import { answerCalls } from '../worker-port.ts';
import type { MoonshineRequest, MoonshineResult, MoonshineWorkerData } from './moonshine-recognizer.ts';

// The library starts `hardwareConcurrency` threads when it loads. It decodes as fast without any, and each would cost
// memory; the pool is what uses more cores. Must be set before the import.
Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 0 }, configurable: true });

const { Transcriber } = await import('@moonshine-ai/moonshine-wasm');
const { default: createModule } = await import('@moonshine-ai/moonshine-wasm/moonshine.mjs');

const { arch, wasm, files } = workerData as MoonshineWorkerData;

/** Options of the native transcriber. */
const options = {
  // Its own voice activity detection misses quiet speech; ours has decided already.
  vad_threshold: '0.0',
  vad_max_segment_duration: '60',
};

async function load() {
  const transcriber = await Transcriber.load({
    files: new Map(files),
    modelArch: arch,
    options,
    moduleOptions: {
      // All workers of a pool share one compiled module: one compilation, one copy of the machine code.
      factory: (moduleOptions) =>
        createModule({
          ...moduleOptions,
          instantiateWasm: (
            imports: WebAssembly.Imports,
            done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
          ) => {
            void WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm));
            return {};
          },
        }),
    },
  });
  // The engine has its own copy; ours would stay until some distant garbage collection.
  for (const bytes of files.values()) bytes.buffer.transfer(0);
  return transcriber;
}

const loaded = load();
// Reported with the first call; without this the thread would die of it before.
loaded.catch(() => {});

/** Ms since the epoch, finer than a millisecond. */
const now = () => performance.timeOrigin + performance.now();

answerCalls(async ({ samples }: MoonshineRequest): Promise<MoonshineResult> => {
  const transcriber = await loaded;
  const startMs = now();
  if (samples === undefined) return { text: '', cpuSeconds: 0 };
  const before = process.threadCpuUsage();
  const { lines } = transcriber.transcribe(samples);
  const { user, system } = process.threadCpuUsage(before);
  // A thread that makes no garbage but this collects none for minutes: given back at once.
  (samples.buffer as ArrayBuffer).transfer(0);
  return {
    text: lines
      .map((line) => line.text.trim())
      .join(' ')
      .trim(),
    cpuSeconds: (user + system) / 1e6,
    worked: { startMs, endMs: now() },
  };
});
