import type { MoonshineWorkerData } from './moonshine-recognizer.ts';

/** Options of the native transcriber. */
const options = {
  // Its own voice activity detection misses quiet speech; ours has decided already.
  vad_threshold: '0.0',
  vad_max_segment_duration: '60',
};

/** Loads a model into the vendor's library. @returns the text of float32 mono 16 kHz */
export async function openLibrary({
  arch,
  files,
  wasm,
}: MoonshineWorkerData): Promise<(samples: Float32Array) => { text: string }> {
  // The library starts `hardwareConcurrency` threads when it loads. It decodes as fast without any, and each would cost
  // memory; the pool is what uses more cores. Must be set before the import.
  Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 0 }, configurable: true });
  const { Transcriber } = await import('@moonshine-ai/moonshine-wasm');
  const { default: createModule } = await import('@moonshine-ai/moonshine-wasm/moonshine.mjs');
  if (wasm === undefined) throw new TypeError('The library needs its engine.');
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
  return (samples) => {
    const { lines } = transcriber.transcribe(samples);
    return {
      text: lines
        .map((line) => line.text.trim())
        .join(' ')
        .trim(),
    };
  };
}
