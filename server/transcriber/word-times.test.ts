import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateWordTimes, type SpeechFrames } from './word-times.ts';

/** One frame (32 ms) a letter: `#` speech, anything else none. */
const speech = (picture: string, start = 0): SpeechFrames => ({
  start,
  speechStart: start + picture.indexOf('#'),
  speechEnd: start + picture.lastIndexOf('#') + 1,
  probabilities: Float32Array.from(picture, (letter) => (letter === '#' ? 1 : 0)),
});
const words = (...sentences: string[]) => sentences.map((sentence) => sentence.split(' '));
const frames = (ms: number) => ms / 32;

test('words share the speech by their letters, in order and without a hole', () => {
  const [sentence] = estimateWordTimes(words('aaa bbbbbbb'), speech('..############..', 100));
  assert.deepEqual(
    sentence?.map(({ text, startMs, endMs, estimated }) => [text, frames(startMs), frames(endMs), estimated]),
    [
      ['aaa', 102, 106, true],
      ['bbbbbbb', 106, 114, true],
    ],
  );
});

test('a sentence ends at the pause that fits, not at a short dip nearer by', () => {
  const picture = `${'#'.repeat(40)}.....${'#'.repeat(5)}.${'#'.repeat(35)}`;
  const [first, second] = estimateWordTimes(words('aaaa bbbb cccc.', 'dddd eeee ffff.'), speech(picture));
  assert.equal(frames(first?.at(-1)?.endMs ?? 0), 40);
  assert.equal(frames(second?.[0]?.startMs ?? 0), 45);
});

test('without a pause sentences share the speech by their letters', () => {
  const [first, second] = estimateWordTimes(
    words('aaaa bbb.', 'cccccccc ddddddddd.'),
    speech('#'.repeat(60)),
  );
  assert.ok(Math.abs(frames(first?.at(-1)?.endMs ?? 0) - 20) < 3);
  assert.equal(second?.[0]?.startMs, first?.at(-1)?.endMs);
});

test('a pause inside a word of silence counts for nobody', () => {
  const picture = `${'#'.repeat(10)}${'.'.repeat(30)}${'#'.repeat(10)}`;
  const [sentence] = estimateWordTimes(words('aaaa bbbb'), speech(picture));
  assert.equal(frames(sentence?.[0]?.endMs ?? 0), 10);
});

test('more sentences than there is speech for still get times in order', () => {
  const all = estimateWordTimes(words('a.', 'b.', 'c.', 'd.'), speech('##')).flat();
  assert.equal(all.length, 4);
  for (const [index, word] of all.entries()) {
    assert.ok(word.endMs >= word.startMs);
    assert.ok(word.startMs >= (all[index - 1]?.endMs ?? 0));
  }
});
