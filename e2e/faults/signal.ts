import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import { wavHeader } from '../../server/gateway/wav.ts';
import { chanceOf } from './random.ts';

/** Noise of which every stretch is different: a sample that is missing, doubled or moved is seen. PCM16LE mono 16 kHz. */
export function noise(seed: number, seconds: number): Buffer {
  const { next } = chanceOf(seed);
  const pcm = Buffer.alloc(seconds * SAMPLE_RATE * 2);
  for (let at = 0; at < pcm.length; at += 2) pcm.writeInt16LE(Math.floor((next() - 0.5) * 4000), at);
  return pcm;
}

/** Writes it as a WAV file. */
export function writeNoise(path: string, seed: number, seconds: number): Buffer {
  const pcm = noise(seed, seconds);
  writeFileSync(path, Buffer.concat([wavHeader(pcm.length / 2), pcm]));
  return pcm;
}

/** Fails where what is kept is not, sample by sample, how the original begins. */
export function assertPrefix(kept: Buffer, original: Buffer, what: string): void {
  assert.ok(kept.length <= original.length, `${what}: longer than what was played`);
  if (kept.equals(original.subarray(0, kept.length))) return;
  let at = 0;
  while (kept[at] === original[at]) at += 1;
  assert.fail(`${what}: differs from what was played at sample ${at >> 1} of ${kept.length / 2}`);
}
