import type { ServerSettings } from '../config.ts';

export const DEFAULT_RECOGNIZER = 'moonshine-tiny-en';
export const EMBEDDER = 'all-minilm-l6-v2-int8';
export const VOICE_ACTIVITY = 'silero-vad-v6';

/** What the settings say is in use, before anything was promoted. */
export function modelsInUse({ model, recognizer, recognizerModel, llmModel }: ServerSettings) {
  const own = recognizer === 'openai' ? (recognizerModel ?? '') : DEFAULT_RECOGNIZER;
  return { recognizer: model ?? own, embedder: EMBEDDER, notes: llmModel ?? 'extractive' };
}
