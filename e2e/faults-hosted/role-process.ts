/** Roles of a fleet as a process that a test kills: settings from the environment, counted speech instead of models. */
import { loadServerConfig } from '../../server/config.ts';
import { hashEmbedder } from '../../server/embedder/hash-embedder.ts';
import { runHosted } from '../../server/hosted/run-hosted.ts';
import { createJsonLog } from '../../server/observability/json-log.ts';
import { levelVoiceActivity } from '../../server/transcriber/level-voice-activity.ts';
import { countingRecognizer } from './counted-speech.ts';

const { settings } = loadServerConfig({ env: process.env });
const abort = new AbortController();
process.once('SIGTERM', () => abort.abort());
await runHosted({
  settings,
  version: '0.1.0',
  log: createJsonLog({ level: settings.logLevel }),
  signal: abort.signal,
  onReady: (url) => process.stdout.write(`ready ${url ?? ''}\n`),
  parts: {
    recognizer: (model) => countingRecognizer(model),
    voiceActivity: levelVoiceActivity(),
    embedder: hashEmbedder(),
  },
});
process.exit();
