import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientMessage, MAX_MESSAGE_BYTES, ServerMessage } from '@speakr/contracts/stream';
import { startMessage } from '../../fixtures/test-app.ts';
import { fitMessage } from './fit-message.ts';

const recordingId = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
const bytes = (message: unknown) => Buffer.byteLength(JSON.stringify(message));

function notes(markdown: string): Extract<ServerMessage, { type: 'notes' }> {
  return {
    type: 'notes',
    notes: {
      ...{ recordingId, revision: 3, template: 'meeting', writer: 'extractive', fellBack: false },
      ...{ droppedLines: 0, generatedAt: 1, sections: [], actions: [], markdown },
    },
  };
}

test('notes of an hour go as they are, notes of a day are told by reference', () => {
  const short = notes('ä'.repeat(40_000));
  assert.deepEqual(fitMessage(short), [short]);
  const [message, ...others] = fitMessage(notes('ä'.repeat(200_000)));
  assert.deepEqual(others, []);
  assert.ok(message?.type === 'notes_ready');
  assert.deepEqual([message.recordingId, message.revision], [recordingId, 3]);
  assert.ok(ServerMessage.safeParse(message).success);
});

test('a long revision comes in pieces that add up to it; word times that are too long stay out', () => {
  const segments = Array.from({ length: 900 }, (_, index) => ({
    ...{ id: `2.0.${index}`, track: 0, startMs: index, endMs: index + 1, text: 'wörd '.repeat(100) },
    ...(index === 500
      ? {
          words: Array.from({ length: 4000 }, () => ({
            text: 'wörd',
            startMs: 1,
            endMs: 2,
            estimated: false,
          })),
        }
      : {}),
  }));
  const replaces = segments.map(({ id }) => id.replace('2.', '1.'));
  const parts = fitMessage({ type: 'revised', revision: 2, replaces, segments });
  assert.ok(parts.length > 1);
  for (const part of parts) assert.ok(bytes(part) <= MAX_MESSAGE_BYTES, `${bytes(part)} bytes`);
  const revised = parts.flatMap((part) => (part.type === 'revised' ? [part] : []));
  assert.deepEqual(
    revised.flatMap((part) => part.replaces),
    replaces,
  );
  assert.deepEqual(
    revised.flatMap((part) => part.segments),
    segments.map(({ words: _, ...segment }) => segment),
  );
});

test('the largest messages a client may send fit', () => {
  const largest = startMessage({
    title: '\u0001'.repeat(300),
    source: '\u0001'.repeat(500),
    templateText: '\u0001'.repeat(20_000),
    tags: Array(50).fill('\u0001'.repeat(80)),
    tracks: Array.from({ length: 8 }, (_, track) => ({ track, label: '\u0001'.repeat(80) })),
  });
  assert.ok(ClientMessage.safeParse(largest).success);
  assert.ok(bytes(largest) <= MAX_MESSAGE_BYTES, `${bytes(largest)} bytes`);
});
