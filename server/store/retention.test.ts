import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '../fixtures/manual-clock.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { silentLog } from '../observability/log.ts';
import { applyRetention, expiredRecordings, type RetainedRecording } from './retention.ts';
import { create, OWNER, read, write } from './suite/samples.ts';

const DAY = 24 * 60 * 60_000;
const now = 100 * DAY;

function recording(id: string, ageDays: number, other: Partial<RetainedRecording> = {}): RetainedRecording {
  return { id, startedAt: now - ageDays * DAY, state: 'ready', audioBytes: 10, ...other };
}

describe('retention', () => {
  it('keeps everything without a limit', () => {
    assert.deepEqual(expiredRecordings([recording('a', 5000)], {}, now), []);
  });

  it('deletes what is older than the limit, oldest first', () => {
    const recordings = [
      recording('new', 1),
      recording('older', 40),
      recording('old', 31),
      recording('edge', 30),
    ];
    assert.deepEqual(expiredRecordings(recordings, { maxAgeMs: 30 * DAY }, now), ['older', 'old']);
  });

  it('deletes the oldest until the rest is small enough', () => {
    const recordings = [recording('c', 1), recording('a', 3), recording('b', 2)];
    assert.deepEqual(expiredRecordings(recordings, { maxBytes: 30 }, now), []);
    assert.deepEqual(expiredRecordings(recordings, { maxBytes: 29 }, now), ['a']);
    assert.deepEqual(expiredRecordings(recordings, { maxBytes: 10 }, now), ['a', 'b']);
    assert.deepEqual(expiredRecordings(recordings, { maxBytes: 1 }, now), ['a', 'b', 'c']);
  });

  it('spares recordings without audio when space is short: that would free none', () => {
    const recordings = [recording('text only', 9, { audioBytes: 0 }), recording('a', 3), recording('b', 2)];
    assert.deepEqual(expiredRecordings(recordings, { maxBytes: 10 }, now), ['a']);
  });

  it('counts what age deletes before it looks at the size', () => {
    const recordings = [recording('a', 40), recording('b', 2), recording('c', 1)];
    assert.deepEqual(expiredRecordings(recordings, { maxAgeMs: 30 * DAY, maxBytes: 20 }, now), ['a']);
  });

  it('never deletes what is being recorded or worked on', () => {
    const recordings = [
      recording('running', 40, { state: 'recording' }),
      recording('processing', 40, { state: 'processing' }),
      recording('failed', 40, { state: 'failed' }),
    ];
    assert.deepEqual(expiredRecordings(recordings, { maxAgeMs: DAY, maxBytes: 1 }, now), ['failed']);
  });

  it('deletes in the store and leaves the rest', async (t) => {
    const clock = manualClock(now);
    const { store, remove } = await temporaryStore(clock);
    t.after(remove);
    const [old, fresh, discarded] = [
      await create(store, { startedAt: now - 40 * DAY }),
      await create(store, { startedAt: now - DAY }),
      await create(store, { startedAt: now - 40 * DAY }),
    ];
    for (const id of [old, fresh]) await write(store, (tx) => tx.updateRecording(id, { state: 'ready' }));
    await write(store, (tx) => tx.updateRecording(discarded, { state: 'cancelled', cancelledAt: now }));
    const apply = (policy: { maxAgeMs?: number; maxBytes?: number }) =>
      applyRetention({ store, owner: OWNER, policy, audioBytes: async () => 10, clock, log: silentLog });
    assert.deepEqual(await apply({}), []);
    assert.deepEqual(await apply({ maxAgeMs: 30 * DAY }), [old]);
    await read(store, async (tx) => {
      assert.equal(await tx.getRecording(old), undefined);
      assert.ok(await tx.getRecording(fresh));
      assert.ok(await tx.getRecording(discarded));
    });
    assert.deepEqual(await apply({ maxBytes: 5 }), [fresh]);
    const { entries } = await read(store, (tx) => tx.listAccountAudit({ limit: 10 }));
    assert.deepEqual(
      entries.map(({ action, recordingId }) => [action, recordingId]),
      [
        ['recording.expired', fresh],
        ['recording.expired', old],
      ],
    );
  });

  it('leaves alone what is taken up again between the look and the deletion', async (t) => {
    const clock = manualClock(now);
    const { store, remove } = await temporaryStore(clock);
    t.after(remove);
    const id = await create(store, { startedAt: now - 40 * DAY });
    await write(store, (tx) => tx.updateRecording(id, { state: 'ready' }));
    const deleted = await applyRetention({
      store,
      owner: OWNER,
      policy: { maxAgeMs: DAY },
      async audioBytes() {
        await write(store, (tx) => tx.updateRecording(id, { state: 'recording' }));
        return 10;
      },
      clock,
      log: silentLog,
    });
    assert.deepEqual(deleted, []);
    assert.ok(await read(store, (tx) => tx.getRecording(id)));
  });
});
