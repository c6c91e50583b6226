import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDurability } from './durability.ts';

const MINUTE = 60 * 16_000;
const isOpen = (promise: Promise<void>) =>
  Promise.race([
    promise.then(() => false),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(true))),
  ]);

test('as long as the disk keeps up nobody waits', async () => {
  const durability = createDurability(new Map([[0, 0]]));
  for (let samples = MINUTE; samples < 10 * MINUTE; samples += MINUTE) {
    await durability.room(0);
    durability.appended(0, samples);
    durability.durable(0, samples);
  }
});

test('a track that is far ahead of the disk waits for it, the others do not', async () => {
  const durability = createDurability(new Map([[0, MINUTE]]));
  durability.appended(0, 3 * MINUTE);
  const room = durability.room(0);
  assert.ok(await isOpen(room));
  await durability.room(1);
  durability.durable(0, 2.5 * MINUTE);
  await room;
});

test('a disk that does nothing at all is waited for only so long: the next append says what it has', async () => {
  const durability = createDurability(new Map([[0, 0]]));
  durability.appended(0, 2 * MINUTE);
  await durability.room(0);
});

test('what a client finishes with is covered when the log has all of it, durable or not', () => {
  const durability = createDurability(new Map([[0, 5]]));
  const finish = [
    { track: 0, samples: 10 },
    { track: 1, samples: 0 },
  ];
  assert.equal(durability.covers(finish), false);
  durability.appended(0, 10);
  assert.equal(durability.covers(finish), true);
});
