import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes, editable } from './edit.ts';

const transcript = {
  segments: [
    { id: '1.0.0', track: 0, startMs: 1000, endMs: 2000, text: 'We lunch in March.' },
    { id: '1.0.1', track: 0, startMs: 62_000, endMs: 63_000, text: 'Um.' },
    { id: '1.0.2', track: 0, startMs: 64_000, endMs: 65_000, text: 'Good.' },
  ],
};

test('an unchanged text has no changes', () => {
  assert.equal(editable(transcript).split('\n')[1], '1.0.1 01:02| Um.');
  assert.deepEqual(changes(transcript, editable(transcript)), []);
});

test('a changed line changes its segment, a removed line removes it', () => {
  const edited = editable(transcript)
    .replace('lunch', 'launch')
    .replace(/^1\.0\.1.*\n/m, '');
  assert.deepEqual(changes(transcript, edited), [
    { id: '1.0.0', text: 'We launch in March.' },
    { id: '1.0.1', text: '' },
  ]);
});

test('a line without its marker is named', () => {
  assert.throws(
    () => changes(transcript, `${editable(transcript)}And more.\n`),
    /Line 4 has lost its marker/,
  );
});
