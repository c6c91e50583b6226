import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createModels } from '../models/models.ts';
import { mix, soundFile, spokenWords, transcribeCall, wordsInOrder } from './fixtures/call.ts';
import { createMoonshineRecognizer } from './moonshine-recognizer.ts';
import { createSileroVoiceActivity } from './voice-activity.ts';

/** Real speech of two people, through the real engines: one is played, the other speaks into the microphone. */
const folder = process.env.SPEAKR_TEST_AUDIO;
const options = { skip: folder === undefined && 'SPEAKR_TEST_AUDIO is not set' };
const modelsDir = process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');
const requireModel = createModels({ modelsDir }).require;
const engines = {
  recognizer: createMoonshineRecognizer({ model: 'moonshine-tiny-en', requireModel, maxWorkers: 2 }),
  voiceActivity: createSileroVoiceActivity({ requireModel }),
};
after(async () => {
  await engines.recognizer.close();
  await engines.voiceActivity.close();
});
const clip = (name: string) => soundFile(join(folder ?? '', `${name}.flac`));

/** What a room does to the loudspeakers on their way into the microphone. */
const room = { gainDb: -12, atMs: 180 };

for (const mode of ['live', 'batch'] as const)
  test(`the other side, heard in the microphone, is not there twice (${mode})`, options, async () => {
    const them = clip('ls-3080-5032-0001');
    const length = Math.round(them.length / 16) + 1500;
    const call = await transcribeCall({
      ...engines,
      mode,
      system: mix(length, { pcm: them, atMs: 0 }),
      microphone: mix(length, { pcm: them, ...room }),
    });
    assert.ok(spokenWords(call.them).length > 15, call.them);
    assert.equal(call.me, '');
    assert.ok(
      (call.echo?.segments ?? 0) >= 1 && (call.echo?.durationMs ?? 0) > 4000,
      JSON.stringify(call.echo),
    );
  });

test('who speaks into the microphone while the other side speaks stays, word for word', options, async () => {
  const [them, me] = [clip('ls-3080-5032-0002'), clip('lj-LJ001-0004')];
  const length = 14_000;
  const spoken = { pcm: me, atMs: 2500 };
  const system = mix(length, { pcm: them, atMs: 0 });
  const overEcho = mix(length, { pcm: them, ...room }, spoken);
  const alone = await transcribeCall({
    ...engines,
    mode: 'batch',
    system: new Int16Array(length * 16),
    microphone: overEcho,
  });
  const call = await transcribeCall({ ...engines, mode: 'live', system, microphone: overEcho });
  const reference = spokenWords(
    (await transcribeCall({ ...engines, mode: 'batch', system: new Int16Array(16_000), microphone: me })).me,
  );
  const kept = (text: string) => wordsInOrder(reference, spokenWords(text)) / reference.length;
  assert.ok(reference.length > 8, reference.join(' '));
  assert.ok(
    kept(call.me) >= kept(alone.me) - 0.15,
    `${kept(call.me)} of what was said is there, ${kept(alone.me)} without looking for echoes: ${call.me}`,
  );
});

test('an answer after an echo stays, the echo before it goes', options, async () => {
  const [them, me] = [clip('ls-1688-142285-0003'), clip('lj-LJ001-0006')];
  const after = Math.round(them.length / 16) + 900;
  const length = after + Math.round(me.length / 16) + 1000;
  const call = await transcribeCall({
    ...engines,
    mode: 'live',
    system: mix(length, { pcm: them, atMs: 0 }),
    microphone: mix(length, { pcm: them, ...room }, { pcm: me, atMs: after }),
  });
  const theirs = spokenWords(call.them);
  assert.ok(wordsInOrder(theirs, spokenWords(call.me)) <= theirs.length * 0.35, `${call.them} | ${call.me}`);
  assert.ok(spokenWords(call.me).length >= 8, call.me);
  assert.ok((call.echo?.segments ?? 0) >= 1);
});
