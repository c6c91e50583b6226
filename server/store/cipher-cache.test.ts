import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createCipherCache } from './cipher-cache.ts';
import { createRecordingCipher } from './recording-cipher.ts';

const wrapped = Buffer.from('as it is stored');
const cipherOf = (id: string) => createRecordingCipher('ada', id, randomBytes(32));

test('a cipher is there for a while, for its owner and the key that is stored', () => {
  let now = 0;
  const cache = createCipherCache({ heldMs: 1000, monotonic: () => now });
  const cipher = cipherOf('one');
  cache.hold('ada', 'one', wrapped, cipher);
  assert.equal(cache.of('ada', 'one', Buffer.from(wrapped)), cipher);
  assert.equal(cache.of('bob', 'one', wrapped), undefined);
  assert.equal(cache.of('ada', 'one', Buffer.from('another key')), undefined);
  now = 999;
  assert.equal(cache.of('ada', 'one', wrapped), cipher);
  now = 1000;
  assert.equal(cache.of('ada', 'one', wrapped), undefined);
});

test('what was deleted is forgotten at once', () => {
  const cache = createCipherCache();
  for (const id of ['one', 'two', 'three']) cache.hold('ada', id, wrapped, cipherOf(id));
  cache.forget('ada', ['one', 'three']);
  cache.forget('bob', ['two']);
  const left = ['one', 'two', 'three'].filter((id) => cache.of('ada', id, wrapped) !== undefined);
  assert.deepEqual(left, ['two']);
});

test('no more are held than fit, and the newest stay', () => {
  const cache = createCipherCache({ most: 2 });
  for (const id of ['one', 'two', 'three']) cache.hold('ada', id, wrapped, cipherOf(id));
  const left = ['one', 'two', 'three'].filter((id) => cache.of('ada', id, wrapped) !== undefined);
  assert.deepEqual(left, ['two', 'three']);
});
