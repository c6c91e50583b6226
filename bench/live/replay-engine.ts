import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createModels } from '../../server/models/models.ts';
import { createDecodePool } from '../../server/transcriber/decode-pool.ts';
import { BEAMS } from '../../server/transcriber/moonshine-own.ts';
import {
  createMoonshineRecognizer,
  type MoonshineRequest,
  type MoonshineResult,
} from '../../server/transcriber/moonshine-recognizer.ts';
import type { DecodeOptions, Recognizer } from '../../server/transcriber/recognizer.ts';
import { CONTEXT_SAMPLES, FRAME_SAMPLES, STATE_VALUES } from '../../server/transcriber/silero-frames.ts';
import { createSileroNetwork } from '../../server/transcriber/silero-network.ts';
import type { VoiceActivity } from '../../server/transcriber/voice-activity.ts';
import type { WorkerThread } from '../../server/workers.ts';
import { defaultModelsDir } from '../models-dir.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The real engines, whose CPU time becomes virtual time. */
export interface ReplayEngine {
  /** @param measured work takes the CPU time it takes now, instead of that of a quiet machine */
  recognizer(time: VirtualTime, workers: number, measured: boolean): Recognizer & { readonly spent: Spent };
  voiceActivity(time: VirtualTime, measured: boolean): VoiceActivity & { cpuSeconds(): number };
  close(): Promise<void>;
}

/** What decodes of a priority took. */
export type Spent = Map<
  DecodeOptions['priority'],
  { decodes: number; audioSeconds: number; cpuSeconds: number }
>;

/** Decodes of before: the same samples give the same text, and what they cost then. */
const remembered = join(import.meta.dirname, '..', '..', '.cache', 'live-decodes.jsonl');
const MODEL = 'moonshine-tiny-en';

/**
 * CPU seconds of a decode on a quiet machine. The vendor's library took 0.03 + 0.0525 s + 0.0016 s² there, as measured
 * on two cores of an AMD EPYC; our network takes 0.40 of what it does, in turns in one process (bench/batch.ts), and
 * 0.155 of that more for each hypothesis that it follows beside the first.
 * Neighbours double CPU time through caches and shared cores: with this the figures of one hour compare with those of
 * another, and the same policy asks for the same decodes again.
 */
const quietSeconds = (audio: number, beams: number) =>
  0.4 * (0.03 + 0.0525 * audio + 0.0016 * audio * audio) * (1 + 0.155 * (beams - 1));
/** The same of a frame of voice activity. */
const FRAME_SECONDS = 0.00025;

export async function openReplayEngine(): Promise<ReplayEngine> {
  const models = createModels({ modelsDir: defaultModelsDir() });
  const engine = createMoonshineRecognizer({ model: MODEL, requireModel: models.require, maxWorkers: 1 });
  const weights = (await models.require('silero-vad-v6')).get('silero_vad_v6.onnx') as Uint8Array;
  const known = readRemembered();
  let warm = false;

  const decode = async (samples: Float32Array, beams: number): Promise<MoonshineResult> => {
    const hash = createHash('sha256').update(samples).digest('base64url').slice(0, 20);
    const key = `${hash}${beams === 1 ? '' : `/${beams}`}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const options = { language: 'en', priority: 'final', session: 'replay', beams } as const;
    // The first decodes of a process are slower.
    if (!warm)
      for (const seconds of [1, 4, 8, 4, 2])
        await engine.decode(
          new Float32Array(seconds * 16_000).map((_, i) => Math.sin(i / 9) / 9),
          options,
        );
    warm = true;
    const { text, confidences, decodeSeconds } = await engine.decode(samples.slice(), options);
    const result = { text, confidences, cpuSeconds: decodeSeconds };
    known.set(key, result);
    appendFileSync(
      remembered,
      `${JSON.stringify([key, text, Number(decodeSeconds.toFixed(4)), confidences])}\n`,
    );
    return result;
  };

  return {
    recognizer(time, workers, measured) {
      const spent: Spent = new Map();
      const thread = (): WorkerThread => ({
        alive: true,
        async call<Result>(request: unknown) {
          const { samples, beams = BEAMS } = request as MoonshineRequest;
          if (samples === undefined) return undefined as Result;
          const result = await time.real(decode(samples, beams));
          const cpuSeconds = measured ? result.cpuSeconds : quietSeconds(samples.length / 16_000, beams);
          await time.work(cpuSeconds * 1000);
          return { ...result, cpuSeconds } as Result;
        },
        close: async () => {},
        terminate: async () => {},
      });
      const pool = createDecodePool<MoonshineResult>({
        startWorker: async () => thread(),
        maxWorkers: workers,
        idleMs: 2 ** 30,
      });
      return {
        model: MODEL,
        capabilities: { languages: ['en'], wordTimes: false, keyTerms: false },
        warm: () => pool.warm(),
        async decode(samples, options) {
          const { cpuSeconds, ...heard } = await pool.decode(samples, options);
          const all = spent.get(options.priority) ?? { decodes: 0, audioSeconds: 0, cpuSeconds: 0 };
          all.decodes++;
          all.audioSeconds += samples.length / 16_000;
          all.cpuSeconds += cpuSeconds;
          spent.set(options.priority, all);
          return { ...heard, decodeSeconds: cpuSeconds };
        },
        close: () => pool.close(),
        spent,
      };
    },
    voiceActivity(time, measured) {
      const network = createSileroNetwork(weights);
      let spent = 0;
      return {
        async warm() {},
        stream() {
          const state = new Float32Array(STATE_VALUES);
          const frame = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
          return {
            async listen(samples) {
              const started = process.threadCpuUsage();
              const probabilities = Float32Array.from(
                { length: samples.length / FRAME_SAMPLES },
                (_, index) => {
                  frame.set(
                    samples.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
                    CONTEXT_SAMPLES,
                  );
                  const probability = network.listen(frame, state);
                  frame.copyWithin(0, FRAME_SAMPLES);
                  return probability;
                },
              );
              const { user, system } = process.threadCpuUsage(started);
              const cpuSeconds = measured ? (user + system) / 1e6 : probabilities.length * FRAME_SECONDS;
              spent += cpuSeconds;
              await time.work(cpuSeconds * 1000);
              return probabilities;
            },
          };
        },
        async close() {},
        cpuSeconds: () => spent,
      };
    },
    close: () => engine.close(),
  };
}

function readRemembered(): Map<string, MoonshineResult> {
  mkdirSync(dirname(remembered), { recursive: true });
  if (!existsSync(remembered)) return new Map();
  return new Map(
    readFileSync(remembered, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [key, text, cpuSeconds, confidences] = JSON.parse(line) as [string, string, number, number[]];
        return [key, { text, confidences, cpuSeconds }];
      }),
  );
}
