import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerMessage } from '@speakr/contracts/stream';
import { captionsOfTwo } from './captions-of-two.ts';

const final = (segmentId: string, startMs: number, endMs: number): ServerMessage => ({
  ...{ type: 'final', segmentId, track: 0, startMs, endMs, text: segmentId, stable: segmentId },
});

test('what one server has shown for good the other does not show again, and ids do not meet', () => {
  const shown: string[] = [];
  const { tell } = captionsOfTwo((message) => {
    if (message.type === 'final') shown.push(message.segmentId);
  });
  tell('remote', final('1.0.0', 0, 5000));
  // This machine begins with the first sample and cuts at other moments.
  tell('embedded', final('1.0.0', 0, 2500));
  tell('embedded', final('1.0.1', 2500, 5400));
  tell('embedded', final('1.0.2', 5400, 9000));
  // The server is back and hears what it has missed.
  tell('remote', final('1.0.1', 5000, 8700));
  tell('remote', final('1.0.2', 8700, 12_000));
  assert.deepEqual(shown, ['1.0.0', 'here.1.0.2', '1.0.2']);
});
