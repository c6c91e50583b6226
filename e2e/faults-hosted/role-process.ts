/** Roles of a fleet as a process that a test kills: settings from the environment, counted speech instead of models. */
import { systemClock } from '../../server/clock.ts';
import { loadServerConfig } from '../../server/config.ts';
import { hashEmbedder } from '../../server/embedder/hash-embedder.ts';
import { runHosted } from '../../server/hosted/run-hosted.ts';
import { createModels } from '../../server/models/models.ts';
import { createJsonLog } from '../../server/observability/json-log.ts';
import { levelVoiceActivity } from '../../server/transcriber/level-voice-activity.ts';
import { createMoonshineRecognizer } from '../../server/transcriber/moonshine-recognizer.ts';
import { COUNTED, countingRecognizer } from './counted-speech.ts';

const { settings } = loadServerConfig({ env: process.env });
const { require: requireModel } = createModels({ modelsDir: settings.modelsDir });
/** How far the clock of this process is off, ms. */
const skewMs = Number(process.env.SPEAKR_TEST_CLOCK_SKEW_MS ?? 0);
const log = createJsonLog({ level: settings.logLevel });
const abort = new AbortController();
process.once('SIGTERM', () => abort.abort());
await runHosted({
  settings,
  version: '0.1.0',
  log,
  clock: { ...systemClock, now: () => Date.now() + skewMs },
  signal: abort.signal,
  onReady: (url) => process.stdout.write(`ready ${url ?? ''}\n`),
  parts: {
    // Real speech is asked for by the name of its model.
    recognizer: (model) =>
      model === COUNTED ? countingRecognizer(model) : createMoonshineRecognizer({ model, requireModel, log }),
    voiceActivity: levelVoiceActivity(),
    embedder: hashEmbedder(),
  },
});
process.exit();
