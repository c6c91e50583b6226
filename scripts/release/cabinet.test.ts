import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cabinet, readCabinet } from './cabinet.ts';

/** Words that repeat at some distance, so that a block needs the one before it; no multiple of anything. */
const text = Buffer.from(Array.from({ length: 40_001 }, (_, n) => `line ${(n * 7919) % 5003}\n`).join(''));
const files = [
  { name: 'Executable', bytes: text },
  { name: 'Licences', bytes: Buffer.from('one\n') },
  { name: 'Nothing', bytes: Buffer.alloc(0) },
];
const TIME = 1_764_000_000;

test('what goes into a cabinet comes out of it, and the same files give the same bytes', () => {
  const made = cabinet(files, TIME);
  assert.deepEqual(readCabinet(made), files);
  assert.ok(made.equals(cabinet(files, TIME)));
  assert.ok(made.length < text.length / 3);
});

test('a damaged cabinet is told', () => {
  const made = cabinet(files, TIME);
  const at = made.length >> 1;
  made[at] = (made[at] ?? 0) ^ 1;
  assert.throws(() => readCabinet(made), /damaged/);
  assert.throws(() => readCabinet(made.subarray(0, -1)), /no whole cabinet/);
});
