import { workerData } from 'node:worker_threads';
import { answerCalls } from '../worker-port.ts';
import { openLibrary } from './moonshine-library.ts';
import { OWN_ARCHITECTURE } from './moonshine-model.ts';
import { BEAMS, openOwnNetwork } from './moonshine-own.ts';
import type { MoonshineRequest, MoonshineResult, MoonshineWorkerData } from './moonshine-recognizer.ts';

const data = workerData as MoonshineWorkerData;

async function load() {
  const transcribe = data.arch === OWN_ARCHITECTURE ? openOwnNetwork(data.files) : await openLibrary(data);
  // Network and library have copies of their own; these would stay until some distant garbage collection.
  for (const bytes of data.files.values()) bytes.buffer.transfer(0);
  return transcribe;
}

const loaded = load();
// Reported with the first call; without this the thread would die of it before.
loaded.catch(() => {});

/** Ms since the epoch, finer than a millisecond. */
const now = () => performance.timeOrigin + performance.now();

answerCalls(async ({ samples, beams = BEAMS, hearings = 1 }: MoonshineRequest): Promise<MoonshineResult> => {
  const transcribe = await loaded;
  const startMs = now();
  if (samples === undefined) return { text: '', cpuSeconds: 0 };
  const before = process.threadCpuUsage();
  const heard = transcribe(samples, beams, hearings);
  const { user, system } = process.threadCpuUsage(before);
  // A thread that makes no garbage but this collects none for minutes: given back at once.
  (samples.buffer as ArrayBuffer).transfer(0);
  return { ...heard, cpuSeconds: (user + system) / 1e6, worked: { startMs, endMs: now() } };
});
