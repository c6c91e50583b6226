import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amplify, createLoudness, TARGET_LEVEL } from './loudness.ts';

const tone = (amplitude: number, samples = 16_000) =>
  Int16Array.from({ length: samples }, (_, i) => Math.round(amplitude * 32_767 * Math.sin(i / 5)));

test('quiet and loud audio end up at the same level', () => {
  for (const amplitude of [0.01, 0.2, 0.9]) {
    const pcm = tone(amplitude);
    const loudness = createLoudness();
    loudness.add(pcm);
    const peak = amplify(pcm, loudness.gain()).reduce((high, sample) => Math.max(high, sample), 0);
    assert.ok(Math.abs(peak - TARGET_LEVEL) < 0.03, `${amplitude} became ${peak}`);
  }
});

test('one click does not make speech quiet', () => {
  const pcm = tone(0.05);
  pcm[8000] = 32_767;
  const loudness = createLoudness();
  loudness.add(pcm);
  assert.ok(loudness.gain() > 9);
});

test('newer audio weighs more once older audio is forgotten', () => {
  const loudness = createLoudness();
  loudness.add(tone(0.9));
  loudness.forget(0.0001);
  loudness.add(tone(0.01, 160_000));
  assert.ok(loudness.gain() > 40);
});

test('nothing heard means no gain, digital silence a bounded one', () => {
  const loudness = createLoudness();
  assert.equal(loudness.gain(), 1);
  loudness.add(new Int16Array(512));
  assert.equal(loudness.gain(), 256);
});

test('what is too loud is clipped', () => {
  assert.deepEqual([...amplify(Int16Array.of(32_767, -32_768, 0), 4)], [1, -1, 0]);
});
