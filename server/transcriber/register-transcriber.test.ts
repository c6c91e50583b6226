import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { until } from '../../scripts/until.ts';
import type { Caption } from '../captions/captions.ts';
import { chunksOf, soundOf } from './fixtures/sound.ts';
import { owner, setUpTranscriber } from './fixtures/test-transcriber.ts';
import type { Recognizer } from './recognizer.ts';
import type { OpenAudio } from './register-transcriber.ts';

const pause = '.'.repeat(30);
const threeSentences = soundOf(`..########${pause}########${pause}########....`);

test('a file becomes segments with words, a receipt and one completed revision', async (t) => {
  const { start, record, append, audioLog, transcript, recording } = await setUpTranscriber(t, [
    'One. Uno.',
    'Two.',
    'Three.',
  ]);
  const { bus, seen } = await start();
  const { id, shown } = await record();
  await append(id, threeSentences);
  await audioLog.seal(owner, id);
  await bus.idle();

  const whole = await transcript(id);
  assert.deepEqual(
    whole?.segments.map(({ id, text }) => [id, text]),
    [
      ['1.0.0', 'One.'],
      ['1.0.1', 'Uno.'],
      ['1.0.2', 'Two.'],
      ['1.0.3', 'Three.'],
    ],
  );
  assert.equal(whole?.complete, true);
  assert.equal(whole?.origin, 'batch');
  const starts = whole?.segments.filter(({ text }) => text !== 'Uno.').map(({ startMs }) => startMs) ?? [];
  for (const [index, expectedMs] of [200, 4000, 7800].entries())
    assert.ok(Math.abs((starts[index] ?? 0) - expectedMs) < 64, `starts at ${starts[index]}`);
  assert.ok(whole?.segments.every(({ words }) => words?.every(({ estimated }) => estimated)));
  const { state, receipt, durationMs, model } = (await recording(id)) ?? {};
  assert.equal(state, 'ready');
  assert.equal(model, 'scripted');
  assert.equal(receipt?.transcribedMs, threeSentences.length / 32);
  assert.equal(durationMs, threeSentences.length / 32);
  assert.deepEqual(
    seen.filter(({ type }) => type === 'transcription.completed.v1').map(({ data }) => data),
    [{ recordingId: id, revision: 1, language: 'en' }],
  );
  assert.deepEqual(
    shown
      .filter((caption) => caption.type === 'final')
      .map(({ segmentId, text, stable }) => [segmentId, text, stable]),
    [
      ['1.0.0', 'One.', 'One.'],
      ['1.0.1', 'Uno.', 'Uno.'],
      ['1.0.2', 'Two.', 'Two.'],
      ['1.0.3', 'Three.', 'Three.'],
    ],
  );
  assert.ok(shown.some((caption) => caption.type === 'state' && caption.mode === 'batch'));
});

test('captions come while the recording runs, and a server that restarts goes on after the last final', async (t) => {
  const { start, record, append, audioLog, transcript, recognizers } = await setUpTranscriber(t, [], {
    loop: true,
  });
  const first = await start(['One.']);
  const { id, shown } = await record({ mode: 'live' });
  await append(id, soundOf(`..########..........`));
  await until('a final is shown', () => shown.some(({ type }) => type === 'final'), { seen: () => shown });
  await first.bus.stop(1000);
  assert.deepEqual(
    (await transcript(id))?.segments.map(({ text }) => text),
    ['One.'],
  );
  assert.equal((await transcript(id))?.complete, false);

  const second = await start(['Two.']);
  await append(id, soundOf(`${'.'.repeat(40)}########....`), { fromSample: 20 * 1600 });
  await audioLog.seal(owner, id);
  await second.bus.idle();
  const whole = await transcript(id, 1);
  assert.deepEqual(
    whole?.segments.map(({ id, text }) => [id, text]),
    [
      ['1.0.0', 'One.'],
      ['1.0.1', 'Two.'],
    ],
  );
  assert.equal(whole?.complete, true);
  assert.equal(whole?.origin, 'live');
  assert.ok(Math.abs((whole?.segments[1]?.startMs ?? 0) - 4000) < 350);
  assert.ok(
    recognizers[1]?.calls.every(({ samples }) => samples < 3 * 16_000),
    'the first part is not decoded again',
  );
});

/** Hears more in long audio than in short. */
const byLength: Recognizer = {
  model: 'scripted',
  capabilities: { languages: ['en'], wordTimes: false, keyTerms: false },
  async warm() {},
  decode: async (samples) => ({
    // With the quiet that surrounds it a phrase of 0.8 s is shorter than two of them.
    text: samples.length < 2.8 * 16_000 ? 'Short.' : 'Both together.',
    decodeSeconds: 0,
  }),
  async close() {},
};
const pair = `..########......########${'.'.repeat(20)}`;

test('a second pass follows the live one as a revision of its own, also over a restart', async (t) => {
  const { start, record, append, audioLog, transcript, recording, store } = await setUpTranscriber(t, [], {
    recognizer: byLength,
  });
  const first = await start();
  const { id, shown } = await record({ mode: 'live' });
  const isRevised = (caption: Caption) => caption.type === 'revised';
  await append(id, soundOf(pair));
  let end = 44;
  // Silence closes the window, and is noticed as it comes.
  for (; !shown.some(isRevised) && end < 200; end++) {
    await append(id, soundOf('.'.repeat(end + 1)), { fromSample: end * 1600 });
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assert.deepEqual(
    (await transcript(id))?.segments.map(({ id, text }) => [id, text]),
    [['2.0.0', 'Both together.']],
    'while it runs the newest text is shown',
  );
  await append(id, soundOf(`${'.'.repeat(end + 2)}########......`), { fromSample: end * 1600 });
  await first.bus.stop(1000);

  const second = await start();
  await append(id, soundOf(`${'.'.repeat(end + 30)}${pair}`), { fromSample: (end + 16) * 1600 });
  await audioLog.seal(owner, id);
  await second.bus.idle();
  const texts = async (revision: number) =>
    (await transcript(id, revision))?.segments.map(({ text }) => text);
  assert.deepEqual(await texts(1), ['Short.', 'Short.', 'Short.', 'Short.', 'Short.']);
  const newest = await transcript(id);
  assert.deepEqual([newest?.revision, newest?.origin, newest?.complete], [2, 'second-pass', true]);
  assert.equal((await recording(id))?.revision, 2);
  assert.equal((await texts(2))?.filter((text) => text === 'Both together.').length, 2);
  assert.equal(new Set(newest?.segments.map(({ id }) => id)).size, newest?.segments.length);
  assert.deepEqual(second.seen.at(-1), {
    type: 'transcription.completed.v1',
    data: { recordingId: id, revision: 2, language: 'en' },
  });
  const revisions = await store.transaction(owner, (own) => own.listRevisions(id));
  assert.deepEqual(
    revisions.map(({ complete }) => complete),
    [true, true],
  );
  const [revised] = shown.filter((caption) => caption.type === 'revised');
  assert.deepEqual(revised?.replaces, ['1.0.0', '1.0.1']);
});

test('the second pass listens once while another recording is transcribed', async (t) => {
  const hearings: (number | undefined)[] = [];
  const attentive: Recognizer = {
    ...byLength,
    decode(samples, options) {
      if (options.hearings !== undefined) hearings.push(options.hearings);
      return byLength.decode(samples, options);
    },
  };
  const { start, record, append, audioLog } = await setUpTranscriber(t, [], { recognizer: attentive });
  const { bus } = await start();
  const speak = async () => {
    const { id, shown } = await record({ mode: 'live' });
    for (let end = 0; !shown.some(({ type }) => type === 'revised') && end < 8; end++) {
      await append(id, soundOf('.'.repeat(end * 44) + pair), { fromSample: end * 44 * 1600 });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return id;
  };
  const first = await speak();
  const alone = hearings.splice(0);
  const second = await speak();
  const together = hearings.splice(0);
  for (const id of [first, second]) await audioLog.seal(owner, id);
  await bus.idle();
  assert.ok(alone.length > 0 && alone.every((count) => (count ?? 0) > 1), `${alone}`);
  assert.ok(together.length > 0 && together.every((count) => count === 1), `${together}`);
});

test('tracks are transcribed side by side, each with ids of its own', async (t) => {
  const { start, record, append, audioLog, transcript } = await setUpTranscriber(t, ['Words.'], {
    loop: true,
  });
  const { bus } = await start();
  const { id } = await record({ mode: 'live', tracks: [0, 1] });
  await append(id, soundOf(`..########........`), { track: 0 });
  await append(id, soundOf(`........########..`), { track: 1 });
  await audioLog.seal(owner, id);
  await bus.idle();
  assert.deepEqual(
    (await transcript(id))?.segments.map(({ id, track }) => [id, track]),
    [
      ['1.0.0', 0],
      ['1.1.0', 1],
    ],
  );
});

test('a track that is announced later is transcribed too', async (t) => {
  const { start, record, append, audioLog, store, transcript } = await setUpTranscriber(t, ['Words.'], {
    loop: true,
  });
  const { bus } = await start();
  const { id, shown } = await record({ mode: 'live' });
  await append(id, soundOf(`..########..........`));
  await until('a final is shown', () => shown.some(({ type }) => type === 'final'), { seen: () => shown });
  await store.transaction(owner, async (tx) => {
    const tracks = [0, 1].map((track) => ({ track, label: `track ${track}`, samples: 0 }));
    await tx.updateRecording(id, { tracks });
  });
  await audioLog.open(owner, id, [0, 1]);
  await append(id, soundOf(`..########..`), { track: 1 });
  await audioLog.seal(owner, id);
  await bus.idle();
  const whole = await transcript(id);
  assert.deepEqual(whole?.segments.map(({ id }) => id).sort(), ['1.0.0', '1.1.0']);
  assert.equal(whole?.complete, true);
});

test('an engine that fails for a moment costs nothing', async (t) => {
  const { start, record, append, audioLog, transcript } = await setUpTranscriber(t, [
    { error: new SpeakrError('recognizer_failed') },
    'One.',
    'Two.',
    'Three.',
  ]);
  const { bus } = await start();
  const { id } = await record();
  await append(id, threeSentences);
  await audioLog.seal(owner, id);
  await bus.idle();
  const texts = (await transcript(id))?.segments.map(({ text }) => text) ?? [];
  assert.equal((await transcript(id))?.complete, true);
  assert.equal(texts.length, 3);
});

test('an engine that goes on failing fails the recording, and the audio stays', async (t) => {
  const { start, record, append, audioLog, recording } = await setUpTranscriber(
    t,
    [{ error: new SpeakrError('recognizer_failed') }],
    { loop: true },
  );
  const { bus, seen } = await start();
  const { id, shown } = await record();
  await append(id, threeSentences);
  await audioLog.seal(owner, id);
  await bus.idle();
  assert.equal((await recording(id))?.state, 'failed');
  assert.equal((await recording(id))?.failure, 'recognizer_failed');
  assert.ok(seen.some(({ type }) => type === 'transcription.failed.v1'));
  assert.ok(
    shown.some((caption) => caption.type === 'error' && caption.problem.code === 'recognizer_failed'),
  );
  assert.equal((await audioLog.status(owner, id))?.samples.get(0), threeSentences.length / 2);
});

test('a language that the model does not know fails at once', async (t) => {
  const { start, record, audioLog, recording, recognizers } = await setUpTranscriber(t, ['never']);
  const { bus, seen } = await start();
  const { id } = await record({ language: 'vi' });
  await audioLog.seal(owner, id);
  await bus.idle();
  assert.equal((await recording(id))?.failure, 'language_unsupported');
  assert.equal(seen.filter(({ type }) => type === 'transcription.failed.v1').length, 1);
  assert.equal(recognizers[0]?.calls.length ?? 0, 0);
});

test('a cancelled recording is left alone at once', async (t) => {
  const { start, record, append, store, recording, transcript } = await setUpTranscriber(t, ['One.'], {
    loop: true,
  });
  const { bus } = await start();
  const { id, shown } = await record({ mode: 'live' });
  await append(id, soundOf(`..########..........`));
  await until('a final is shown', () => shown.some(({ type }) => type === 'final'), { seen: () => shown });
  await store.transaction(owner, async (tx) => {
    await tx.updateRecording(id, { state: 'cancelled', cancelledAt: 1_795_262_400_000 });
    await tx.publish('recording.cancelled.v1', { recordingId: id });
  });
  await bus.idle();
  assert.equal((await recording(id))?.state, 'cancelled');
  assert.equal((await transcript(id))?.complete, false);
});

test('a message that comes twice changes nothing', async (t) => {
  const { start, record, append, audioLog, store, transcript, recognizers } = await setUpTranscriber(t, [
    'One.',
    'Two.',
    'Three.',
  ]);
  const { bus, seen } = await start();
  const { id } = await record();
  await append(id, threeSentences);
  await audioLog.seal(owner, id);
  await bus.idle();
  const before = await transcript(id);
  await store.transaction(owner, (tx) =>
    tx.publish('transcription.run.v1', {
      recordingId: id,
      mode: 'batch',
      revision: 1,
      model: 'scripted',
      language: 'en',
    }),
  );
  await bus.idle();
  assert.deepEqual(await transcript(id), before);
  assert.equal(recognizers[0]?.calls.length, 3);
  assert.equal(seen.filter(({ type }) => type === 'transcription.completed.v1').length, 1);
});

test('transcribing again reads the archive and makes the next revision', async (t) => {
  const asked: number[] = [];
  const openAudio: OpenAudio = async function* (_owner, _id, track, fromSample) {
    asked.push(track, fromSample);
    yield* chunksOf(threeSentences, { track, fromSample });
  };
  const { start, record, append, audioLog, store, transcript, recording } = await setUpTranscriber(
    t,
    ['Again.'],
    {
      openAudio,
      loop: true,
    },
  );
  const { bus } = await start();
  const { id } = await record();
  await append(id, soundOf('..########....'));
  await audioLog.seal(owner, id);
  await bus.idle();
  await audioLog.remove(owner, id);
  await store.transaction(owner, (tx) =>
    tx.publish('transcription.run.v1', {
      recordingId: id,
      mode: 'batch',
      revision: 2,
      model: 'better',
      language: 'en',
    }),
  );
  await bus.idle();
  const second = await transcript(id, 2);
  assert.deepEqual(asked, [0, 0]);
  assert.deepEqual(
    second?.segments.map(({ id }) => id),
    ['2.0.0', '2.0.1', '2.0.2'],
  );
  assert.equal(second?.origin, 'retranscription');
  assert.equal((await recording(id))?.model, 'better');
  assert.equal((await transcript(id, 1))?.segments.length, 1, 'the first revision stays');
});
