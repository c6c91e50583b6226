import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { normalWords, wordErrors } from '../cli/bench/scoring/word-errors.ts';
import { createModels } from '../server/models/models.ts';
import { createOpenAiRecognizer } from '../server/transcriber/openai-recognizer.ts';
import { createSileroVoiceActivity } from '../server/transcriber/voice-activity.ts';
import { decodeAudio } from './clips.ts';
import { transcribePcm } from './engines.ts';
import { defaultModelsDir } from './models-dir.ts';
import { startWhisper } from './whisper.ts';

// Installs some 300 MB of Python packages at its first run, so it must be asked for.
const wanted = process.env.SPEAKR_TEST_WHISPER === '1';

test('speech is transcribed by a real server that speaks the OpenAI API', async (t) => {
  if (!wanted)
    return t.skip('set SPEAKR_TEST_WHISPER=1 to run faster-whisper (needs Python 3) behind the OpenAI API');
  const server = await startWhisper();
  t.after(() => server.close());
  const recognizer = createOpenAiRecognizer({ model: 'tiny.en', baseUrl: server.baseUrl });
  const voiceActivity = createSileroVoiceActivity({
    requireModel: createModels({ modelsDir: defaultModelsDir() }).require,
  });
  t.after(() => voiceActivity.close());

  const samples = join(import.meta.dirname, '..', 'samples');
  const lines: { text: string; startMs: number; endMs: number }[] = JSON.parse(
    readFileSync(join(samples, 'standup.json'), 'utf8'),
  );
  const results = await transcribePcm(
    { recognizer, voiceActivity },
    decodeAudio(['-i', join(samples, 'standup.flac')]),
  );
  const sentences = results.flatMap((result) => result.sentences);
  const reference = lines.flatMap(({ text }) => normalWords(text));
  const errors = wordErrors(
    reference,
    sentences.flatMap(({ text }) => normalWords(text)),
  );
  assert.ok(errors / reference.length < 0.15, `${errors} of ${reference.length} words are wrong`);

  const words = sentences.flatMap(({ words }) => words);
  assert.ok(
    words.some(({ estimated }) => !estimated),
    'the server measures word times',
  );
  const last = lines.at(-1)?.endMs ?? 0;
  assert.ok(Math.abs((words.at(-1)?.endMs ?? 0) - last) < 1000, 'times count from the start of the file');
});
