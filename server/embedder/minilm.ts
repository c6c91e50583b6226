import { startWorker, WorkerGone, type WorkerThread } from '../workers.ts';
import type { Embedder } from './embedder.ts';
import type { EmbedCall, LoadCall } from './minilm-worker.ts';

export interface MiniLmOptions {
  /**
   * The checked bytes of `model.onnx` and `tokenizer.json`, which are handed over to the worker. Called at each of its
   * starts.
   */
  readonly modelFiles: () => Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
  /** The worker, some 100 MB, is ended when nothing was asked for this long, in ms. */
  readonly idleMs?: number;
  readonly start?: () => WorkerThread;
}

/** Id of the model in the catalogue. */
export const MINILM_MODEL = 'all-minilm-l6-v2-int8';
const DIMENSIONS = 384;
/** Texts a call: bounds how long a question waits behind an indexing batch. */
const TEXTS_PER_CALL = 16;
/** A call of 16 texts takes 1 s on a slow machine; loading takes 0.2 s. */
const DEADLINE_MS = 60_000;

/**
 * all-MiniLM-L6-v2 in a worker thread, which starts with the first call. A worker that dies is
 * replaced and its call tried once more.
 */
export function createMiniLm(options: MiniLmOptions): Embedder {
  const { modelFiles, idleMs = 120_000, start = () => startWorker('minilm') } = options;
  let worker: Promise<WorkerThread> | undefined;
  let idle: NodeJS.Timeout | undefined;
  let calls = 0;
  let closed = false;

  async function launch(): Promise<WorkerThread> {
    // The files are checked before the thread gets them; it starts meanwhile.
    const thread = start();
    try {
      const files = await modelFiles();
      const request: LoadCall = {
        kind: 'load',
        model: files.get('model.onnx')!,
        tokenizer: files.get('tokenizer.json')!,
      };
      const transfer = [request.model.buffer as ArrayBuffer];
      await thread.call(request, { transfer, deadlineMs: DEADLINE_MS });
      return thread;
    } catch (error) {
      await thread.terminate();
      throw error;
    }
  }

  async function withWorker<T>(use: (thread: WorkerThread) => Promise<T>): Promise<T> {
    if (closed) throw new Error('The embedder is closed.');
    clearTimeout(idle);
    calls++;
    worker ??= launch();
    const current = worker;
    try {
      return await use(await current);
    } catch (error) {
      const alive = await current.then(
        (thread) => thread.alive,
        () => false,
      );
      if (!alive && worker === current) worker = undefined;
      throw error;
    } finally {
      calls--;
      if (calls === 0 && !closed) idle = setTimeout(rest, idleMs).unref();
    }
  }

  function rest(): void {
    const thread = worker;
    worker = undefined;
    void thread?.then((it) => it.close());
  }

  const retried = async <T>(use: (thread: WorkerThread) => Promise<T>): Promise<T> => {
    try {
      return await withWorker(use);
    } catch (error) {
      if (!(error instanceof WorkerGone) || closed) throw error;
      return withWorker(use);
    }
  };

  return {
    model: MINILM_MODEL,
    dimensions: DIMENSIONS,
    warm: () => retried(async () => {}),
    async embed(texts) {
      const vectors: Float32Array[] = [];
      for (let first = 0; first < texts.length; first += TEXTS_PER_CALL) {
        const request: EmbedCall = { kind: 'embed', texts: texts.slice(first, first + TEXTS_PER_CALL) };
        const flat = await retried((thread) =>
          thread.call<Float32Array>(request, { deadlineMs: DEADLINE_MS }),
        );
        for (let row = 0; row < request.texts.length; row++) {
          vectors.push(flat.slice(row * DIMENSIONS, (row + 1) * DIMENSIONS));
        }
      }
      return vectors;
    },
    async close() {
      closed = true;
      clearTimeout(idle);
      const thread = await worker?.catch(() => undefined);
      await thread?.close();
    },
  };
}
