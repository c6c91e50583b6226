import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeIo } from './fixtures/fake-io.ts';
import { stopSignals } from './stop-signals.ts';

test('the first Ctrl-C stops, the second leaves; two at the same moment are one', () => {
  const io = fakeIo();
  const seen: string[] = [];
  let now = 1000;
  const signals = stopSignals(
    io,
    { stop: () => seen.push('stop'), leave: () => seen.push('leave') },
    () => now,
  );
  io.signals.emit('SIGINT');
  io.signals.emit('SIGINT');
  assert.deepEqual(seen, ['stop']);
  now = 2000;
  io.signals.emit('SIGTERM');
  assert.deepEqual(seen, ['stop', 'leave']);
  signals.close();
  assert.equal(io.signals.listenerCount('SIGINT'), 0);
});
