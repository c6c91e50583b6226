import { availableParallelism, totalmem } from 'node:os';
import { SpeakrError } from '@speakr/contracts/problem';
import { readAsset } from '../assets.ts';
import type { Log } from '../observability/log.ts';
import { startWorker } from '../workers.ts';
import { createDecodePool, type DecodePool } from './decode-pool.ts';
import { type ModelFiles, modelBuffers, type RequireModel } from './model-files.ts';
import { moonshineModel, OWN_ARCHITECTURE } from './moonshine-model.ts';
import type { Decoding, Recognizer } from './recognizer.ts';

export interface MoonshineWorkerData {
  /** The model's files by name. */
  readonly files: ModelFiles;
  readonly arch: number;
  /** The vendor's engine, compiled once for all workers, where the model needs it. */
  readonly wasm?: WebAssembly.Module;
}

export interface MoonshineRequest {
  /** Absent: only load. */
  readonly samples?: Float32Array;
  /** Hypotheses followed at once; BEAMS when absent. The vendor's library follows one. */
  readonly beams?: number;
  /** How often it is listened to; once when absent, and always by the vendor's library. */
  readonly hearings?: number;
}

export interface MoonshineResult {
  readonly text: string;
  readonly confidences?: readonly number[];
  readonly cpuSeconds: number;
  readonly worked?: Decoding['worked'];
}

export interface MoonshineOptions {
  readonly model: string;
  readonly requireModel: RequireModel;
  /** Most worker threads; `defaultMaxWorkers()` unless measuring. */
  readonly maxWorkers?: number;
  readonly idleMs?: number;
  /** It stands back behind what is in a hurry. */
  readonly background?: boolean;
  readonly log?: Pick<Log, 'warn'>;
}

/** Memory of one more worker after windows of 20 s, bytes: 260–310 MB with the library, 110 MB with our own network. */
const WORKER_BYTES = 300 * 2 ** 20;

/** One worker a core, one core left free from three on, at most four, and at most a quarter of the memory. */
export function defaultMaxWorkers(cores = availableParallelism(), memoryBytes = totalmem()): number {
  const byCores = cores <= 2 ? cores : cores - 1;
  const byMemory = Math.floor(memoryBytes / 4 / WORKER_BYTES);
  return Math.max(1, Math.min(byCores, 4, byMemory));
}

/**
 * Moonshine (WASM) in worker threads. Model and engine are loaded by the first `warm` or `decode`.
 * @throws SpeakrError `model_unknown` when the id is not one of a Moonshine model
 */
export function createMoonshineRecognizer({
  model,
  requireModel,
  maxWorkers = defaultMaxWorkers(),
  idleMs = 60_000,
  background = false,
  log,
}: MoonshineOptions): Recognizer {
  const described = moonshineModel(model);
  if (described === undefined) throw new SpeakrError('model_unknown', `${model} is not a Moonshine model.`);
  const { arch, language } = described;
  let open: DecodePool<MoonshineResult> | undefined;

  /** Every worker gets files of its own: nothing is kept here, and what a worker loads was checked just before. */
  const start = async () => {
    const [files, wasm] = await Promise.all([
      requireModel(model),
      arch === OWN_ARCHITECTURE ? undefined : compileEngine(),
    ]);
    const data: MoonshineWorkerData = { files, arch, wasm };
    return startWorker('moonshine', { data, transfer: modelBuffers(files), background });
  };
  const pool = () => {
    open ??= createDecodePool<MoonshineResult>({ startWorker: start, maxWorkers, idleMs, log });
    return open;
  };

  return {
    model,
    capabilities: { languages: [language], wordTimes: false, keyTerms: false },
    async warm() {
      await pool().warm();
    },
    async decode(samples, options) {
      if (options.language !== language)
        throw new SpeakrError(
          'language_unsupported',
          `${model} does not know the language ${options.language}.`,
        );
      const { cpuSeconds, ...heard } = await pool().decode(samples, options);
      return { ...heard, decodeSeconds: cpuSeconds };
    },
    async close() {
      const closing = open;
      open = undefined;
      await closing?.close();
    },
  };
}

let engine: Promise<WebAssembly.Module> | undefined;

/** 13 MB of WASM: compiled once a process, off the main thread. */
function compileEngine(): Promise<WebAssembly.Module> {
  engine ??= readAsset('moonshine.wasm').then((bytes) =>
    WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>),
  );
  return engine;
}
