import type { LogChunk } from '../server/audio-log/audio-log.ts';
import { createModels } from '../server/models/models.ts';
import { type BatchResult, transcribeBatch } from '../server/transcriber/batch-session.ts';
import { createMoonshineRecognizer } from '../server/transcriber/moonshine-recognizer.ts';
import type { Recognizer } from '../server/transcriber/recognizer.ts';
import { createSileroVoiceActivity, type VoiceActivity } from '../server/transcriber/voice-activity.ts';
import { defaultModelsDir } from './models-dir.ts';

/** The engines of `speakr transcribe`. */
export interface Engines {
  readonly recognizer: Recognizer;
  readonly voiceActivity: VoiceActivity;
  close(): Promise<void>;
}

export async function openEngines(options: { maxWorkers?: number } = {}): Promise<Engines> {
  const requireModel = createModels({ modelsDir: defaultModelsDir() }).require;
  const recognizer = createMoonshineRecognizer({ model: 'moonshine-tiny-en', requireModel, ...options });
  const voiceActivity = createSileroVoiceActivity({ requireModel });
  await Promise.all([recognizer.warm(), voiceActivity.warm()]);
  return {
    recognizer,
    voiceActivity,
    async close() {
      await Promise.all([recognizer.close(), voiceActivity.close()]);
    },
  };
}

/** The speech path of a file, without socket, log and store. */
export async function transcribePcm(
  { recognizer, voiceActivity }: Pick<Engines, 'recognizer' | 'voiceActivity'>,
  pcm: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<BatchResult[]> {
  async function* chunks(): AsyncGenerator<LogChunk> {
    let offset = 0;
    for await (const bytes of pcm) {
      yield { track: 0, offset, pcm: bytes };
      offset += bytes.length / 2;
    }
  }
  const results: BatchResult[] = [];
  for await (const result of transcribeBatch({
    chunks: chunks(),
    fromSample: 0,
    recognizer,
    voiceActivity,
    language: 'en',
    session: 'bench',
  }))
    results.push(result);
  return results;
}
