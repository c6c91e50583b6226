import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cabinet } from './cabinet.ts';
import { codeLengths, FRAME_BYTES, lzxFrames } from './lzx.ts';

/** Unpacks frames of LZX as [MS-PATCH] describes it, verbose blocks only. The window is all that was unpacked. */
function unpack(frames: readonly Buffer[], size: number): Buffer {
  const out = Buffer.alloc(size);
  const recent = [1, 1, 1];
  const main = new Uint8Array(656);
  const lengths = new Uint8Array(249);
  let at = 0;
  let left = 0;
  let decodeMain = () => 0;
  let decodeLength = () => 0;
  let frame = frames[0] ?? Buffer.alloc(0);
  let bit = 0;
  const read = (bits: number) => {
    let value = 0;
    for (let n = 0; n < bits; n += 1, bit += 1)
      value = value * 2 + ((frame.readUInt16LE((bit >> 4) * 2) >> (15 - (bit & 15))) & 1);
    return value;
  };
  /** Reads one symbol of the code with these lengths. */
  const decoder = (code: Uint8Array) => {
    const symbols = new Map<string, number>();
    let next = 0;
    for (let bits = 1; bits <= 16; bits += 1, next *= 2)
      for (const [symbol, length] of code.entries())
        if (length === bits) symbols.set((next++).toString(2).padStart(bits, '0'), symbol);
    return () => {
      for (let word = ''; word.length <= 16; ) {
        word += read(1);
        const symbol = symbols.get(word);
        if (symbol !== undefined) return symbol;
      }
      throw new Error('there is no such code');
    };
  };
  const readLengths = (code: Uint8Array) => {
    const pretree = decoder(Uint8Array.from({ length: 20 }, () => read(4)));
    for (let index = 0; index < code.length; ) {
      const symbol = pretree();
      const zeros = symbol === 17 ? read(4) + 4 : symbol === 18 ? read(5) + 20 : 0;
      const same = symbol === 19 ? read(1) + 4 : 1;
      const delta = symbol === 19 ? pretree() : symbol;
      const length = zeros > 0 ? 0 : ((code[index] ?? 0) - delta + 17) % 17;
      code.fill(length, index, index + (zeros || same));
      index += zeros || same;
    }
  };
  for (const [number, each] of frames.entries()) {
    frame = each;
    bit = 0;
    if (number === 0) assert.equal(read(1), 0);
    const end = Math.min(size, (number + 1) * FRAME_BYTES);
    while (at < end) {
      if (left === 0) {
        assert.equal(read(3), 1, 'a verbose block');
        left = read(24);
        readLengths(main.subarray(0, 256));
        readLengths(main.subarray(256));
        readLengths(lengths);
        decodeMain = decoder(main);
        decodeLength = decoder(lengths);
      }
      const symbol = decodeMain();
      if (symbol < 256) {
        out[at++] = symbol;
        left -= 1;
        continue;
      }
      const header = (symbol - 256) & 7;
      const length = 2 + (header === 7 ? 7 + decodeLength() : header);
      const slot = (symbol - 256) >> 3;
      const extra = slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1);
      const base = (n: number): number =>
        n === 0 ? 0 : base(n - 1) + 2 ** (n - 1 < 4 ? 0 : Math.min(17, ((n - 1) >> 1) - 1));
      if (slot < 3) [recent[0], recent[slot]] = [recent[slot]!, recent[0]!];
      else recent.splice(0, 3, base(slot) + read(extra) - 2, recent[0]!, recent[1]!);
      assert.ok(recent[0]! <= at && at + length <= end, 'a match stays inside');
      for (let n = 0; n < length; n += 1, at += 1) out[at] = out[at - recent[0]!]!;
      left -= length;
    }
  }
  return out;
}

const text = (lines: number) =>
  Buffer.from(Array.from({ length: lines }, (_, n) => `line ${(n * 7919) % 503} of ${n % 7}\n`).join(''));
/** The same numbers every time, that look like no others. */
function noise(bytes: number): Buffer {
  const made = Buffer.alloc(bytes);
  for (let at = 0, state = 1; at < bytes; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    made[at] = state >>> 24;
  }
  return made;
}

test('what is packed is unpacked again: text, noise, one byte, runs, more than a block', () => {
  const samples = [
    Buffer.from('a'),
    Buffer.alloc(100_000, 7),
    text(12_000),
    noise(70_001),
    Buffer.concat([noise(40_000), text(2000), noise(40_000), text(2000), Buffer.alloc(FRAME_BYTES)]),
  ];
  for (const sample of samples) {
    const frames = lzxFrames(sample);
    assert.equal(frames.length, Math.ceil(sample.length / FRAME_BYTES));
    // What a frame may take in a cabinet.
    for (const { length } of frames) assert.ok(length <= FRAME_BYTES + 6144);
    assert.ok(unpack(frames, sample.length).equals(sample), `${sample.length} bytes`);
  }
  assert.ok(Buffer.concat(lzxFrames(text(12_000))).length < text(12_000).length / 8);
});

test('codes are whole, and none is longer than it may be', () => {
  const fibonacci = Uint32Array.from({ length: 40 }, (_, n) => Math.round(1.618 ** n));
  for (const [counts, longest] of [
    [fibonacci, 16],
    [Uint32Array.of(0, 0, 9, 0), 16],
    [Uint32Array.of(1, 1, 1, 1, 1), 15],
  ] as const) {
    const lengths = codeLengths(counts, longest);
    assert.ok(Math.max(...lengths) <= longest);
    assert.equal(
      lengths.reduce((sum, bits) => sum + (bits === 0 ? 0 : 2 ** -bits), 0),
      1,
    );
  }
});

test('the same files give the same cabinet', () => {
  const files = [
    { name: 'Executable', bytes: text(3000) },
    { name: 'Licences', bytes: Buffer.from('one\n') },
  ];
  const made = cabinet(files, 1_764_000_000);
  assert.ok(made.equals(cabinet(files, 1_764_000_000)));
  assert.equal(made.toString('ascii', 0, 4), 'MSCF');
  assert.equal(made.readUInt32LE(8), made.length);
});
