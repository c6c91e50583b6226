import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { createRecognizers } from './recognizers.ts';
import { type ScriptedRecognizer, scriptedRecognizer } from './scripted-recognizer.ts';

const english = { languages: ['en'], wordTimes: false, keyTerms: false };
const options = { language: 'en', priority: 'final', session: 'a' } as const;

function open(maxLoaded = 2) {
  const made: ScriptedRecognizer[] = [];
  const recognizers = createRecognizers({
    create(model) {
      const recognizer = scriptedRecognizer([`${model} speaks`], {
        loop: true,
        model,
        capabilities: english,
      });
      made.push(recognizer);
      return recognizer;
    },
    catalogue: [
      { id: 'tiny-en', languages: ['en'] },
      { id: 'base-vi', languages: ['vi'] },
    ],
    maxLoaded,
  });
  return { recognizers, made };
}

test('a model is made once, however often it is asked for', async () => {
  const { recognizers, made } = open();
  const first = await recognizers.for('tiny-en', 'en');
  await first.warm();
  assert.equal(
    (await (await recognizers.for('tiny-en', 'en')).decode(new Float32Array(1), options)).text,
    'tiny-en speaks',
  );
  assert.equal(made.length, 1);
  assert.equal(first.model, 'tiny-en');
});

test('a language that the model does not know is refused with the name of one that does', async () => {
  const { recognizers, made } = open();
  await assert.rejects(
    recognizers.for('tiny-en', 'vi'),
    (error: unknown) =>
      error instanceof SpeakrError && error.code === 'language_unsupported' && error.hint.includes('base-vi'),
  );
  await assert.rejects(
    recognizers.for('unlisted', 'sw'),
    (error: unknown) => error instanceof SpeakrError && error.hint.includes('SPEAKR_RECOGNIZER'),
  );
  assert.equal(made.filter(({ model }) => model === 'tiny-en').length, 0, 'nothing is loaded for a refusal');
});

test('the model used longest ago is closed for another, and comes back when it is asked', async () => {
  const { recognizers, made } = open(2);
  const a = await recognizers.for('a', 'en');
  await recognizers.for('b', 'en');
  await a.decode(new Float32Array(1), options);
  await recognizers.for('c', 'en');
  assert.deepEqual(
    made.map(({ model, closed }) => [model, closed]),
    [
      ['a', false],
      ['b', true],
      ['c', false],
    ],
  );
  await recognizers.for('d', 'en');
  assert.equal(made[0]?.closed, true);
  assert.equal((await a.decode(new Float32Array(1), options)).text, 'a speaks');
  assert.equal(made.filter(({ model }) => model === 'a').length, 2);
  await recognizers.close();
  assert.ok(made.every(({ closed }) => closed));
});

test('one session cannot close a recognizer that others use', async () => {
  const { recognizers, made } = open();
  await (await recognizers.for('tiny-en', 'en')).close();
  assert.equal(made[0]?.closed, false);
});

test('what a model is, is found out before it is made', async () => {
  const known = new Set<string>();
  const recognizers = createRecognizers({
    catalogue: [],
    prepare: async (model) => void known.add(model),
    create(model) {
      assert.ok(known.has(model));
      return scriptedRecognizer(['hello'], { model });
    },
  });
  assert.equal((await recognizers.for('registered', 'en')).model, 'registered');
  await recognizers.close();
});
