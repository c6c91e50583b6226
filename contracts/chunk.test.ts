import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeChunk, encodeChunk } from './chunk.ts';
import { SpeakrError } from './problem.ts';

const withCode = (code: string) => (error: unknown) => error instanceof SpeakrError && error.code === code;
const pcm = Uint8Array.of(1, 2, 3, 4);

test('a chunk is the same after the way over the wire, wherever its bytes stand', () => {
  const chunk = { track: 7, offset: Number.MAX_SAFE_INTEGER, pcm };
  const frame = encodeChunk(chunk);
  const inside = new Uint8Array(frame.length + 5);
  inside.set(frame, 3);
  for (const bytes of [frame, inside.subarray(3, 3 + frame.length)]) {
    const { pcm: decoded, ...rest } = decodeChunk(bytes);
    assert.deepEqual(rest, { track: 7, offset: Number.MAX_SAFE_INTEGER });
    assert.deepEqual([...decoded], [...pcm]);
  }
});

test('the layout is version, track, flags, offset big-endian, samples', () => {
  assert.deepEqual(
    [...encodeChunk({ track: 2, offset: 258, pcm })],
    [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 2, 3, 4],
  );
});

for (const [what, change] of Object.entries({
  'an unknown version': (frame: Uint8Array) => frame.fill(2, 0, 1),
  'a track above 7': (frame: Uint8Array) => frame.fill(8, 1, 2),
  'unknown flags': (frame: Uint8Array) => frame.fill(1, 2, 4),
  'an offset beyond all integers': (frame: Uint8Array) => frame.fill(255, 4, 12),
  'half a sample': (frame: Uint8Array) => frame.subarray(0, frame.length - 1),
  'no sample': (frame: Uint8Array) => frame.subarray(0, 12),
  'half a header': (frame: Uint8Array) => frame.subarray(0, 5),
}))
  test(`${what} is malformed`, () => {
    assert.throws(
      () => decodeChunk(change(encodeChunk({ track: 0, offset: 0, pcm }))),
      withCode('stream_malformed'),
    );
  });

test('more than a second is too much', () => {
  const second = encodeChunk({ track: 0, offset: 0, pcm: new Uint8Array(32_000) });
  assert.equal(decodeChunk(second).pcm.length, 32_000);
  const more = encodeChunk({ track: 0, offset: 0, pcm: new Uint8Array(32_002) });
  assert.throws(() => decodeChunk(more), withCode('payload_too_large'));
});
