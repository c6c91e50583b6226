import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptedRecognizer } from './scripted-recognizer.ts';

const options = { language: 'en', priority: 'final', session: 'a' } as const;
const samples = () => new Float32Array(160);

test('turns are played in order and what was asked is kept', async () => {
  const recognizer = scriptedRecognizer(['one', { text: 'two', delayMs: 1 }]);
  assert.equal((await recognizer.decode(samples(), options)).text, 'one');
  assert.deepEqual(await recognizer.decode(samples(), options), { text: 'two', decodeSeconds: 0.001 });
  assert.deepEqual(recognizer.calls, [
    { samples: 160, options },
    { samples: 160, options },
  ]);
});

test('being asked too often is an error, unless told to loop', async () => {
  const once = scriptedRecognizer(['one']);
  await once.decode(samples(), options);
  await assert.rejects(once.decode(samples(), options), /1 turns; this is call 2/);
  const looping = scriptedRecognizer(['one'], { loop: true });
  await looping.decode(samples(), options);
  assert.equal((await looping.decode(samples(), options)).text, 'one');
});

test('failures and aborts are thrown', async () => {
  const recognizer = scriptedRecognizer([{ error: new Error('broken') }, { delayMs: 60_000 }]);
  await assert.rejects(recognizer.decode(samples(), options), /broken/);
  const controller = new AbortController();
  const decoding = recognizer.decode(samples(), { ...options, signal: controller.signal });
  controller.abort();
  await assert.rejects(decoding, { name: 'AbortError' });
});
