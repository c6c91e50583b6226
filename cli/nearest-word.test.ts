import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestWord } from './nearest-word.ts';

const words = ['list', 'record', 'retranscribe', 'transcribe', 'tag', 'stop', 'storage'];

test('a slip of the fingers finds its word, something else finds none', () => {
  for (const [typed, meant] of [
    ['lsit', 'list'],
    ['recrod', 'record'],
    ['Transcirbe', 'transcribe'],
    ['tags', 'tag'],
    ['stpo', 'stop'],
    ['storge', 'storage'],
    ['frobnicate', undefined],
    ['xyz', undefined],
    ['', undefined],
  ] as const)
    assert.equal(nearestWord(typed, words), meant, typed);
});
