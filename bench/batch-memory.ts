/** Peak memory of a process with two recognizer workers at work on long windows, voice activity and the embedder. */
import { join } from 'node:path';
import { createMiniLm, MINILM_MODEL } from '../server/embedder/minilm.ts';
import { createModels } from '../server/models/models.ts';
import { framesToSamples } from '../server/transcriber/live-policy.ts';
import { batchWindows } from '../server/transcriber/speech-policy.ts';
import { readAudio } from './clips.ts';
import { openEngines, transcribePcm } from './engines.ts';
import { defaultModelsDir } from './models-dir.ts';

/** A window of the greatest length with its quiet around. */
const MAX_WINDOW_SAMPLES = framesToSamples(batchWindows.maxLength + 2 * batchWindows.padding);
const models = createModels({ modelsDir: defaultModelsDir() });
const engines = await openEngines({ maxWorkers: 2 });
const embedder = createMiniLm({ modelFiles: () => models.require(MINILM_MODEL) });
const file = join(import.meta.dirname, '..', 'samples', 'standup.flac');
const pcm = await readAudio(file);

for (let round = 0; round < 3; round++) {
  // As long as a window may be, on both workers at once.
  const window = () =>
    Float32Array.from({ length: MAX_WINDOW_SAMPLES }, (_, i) => pcm.readInt16LE(2 * i + 64_000) / 32_768);
  const options = { language: 'en', priority: 'batch', session: 'bench' } as const;
  await Promise.all([
    engines.recognizer.decode(window(), options),
    engines.recognizer.decode(window(), options),
    transcribePcm(engines, [pcm]),
    embedder.embed(
      Array.from({ length: 64 }, (_, i) => `Sentence ${i} of what was said about the disk of the server.`),
    ),
  ]);
}
process.stdout.write(JSON.stringify({ megabytes: process.resourceUsage().maxRSS / 1024 }));
await embedder.close();
await engines.close();
