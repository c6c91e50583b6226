import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { until } from '../../scripts/until.ts';
import { type Clock, systemClock } from '../clock.ts';
import { manualClock } from '../fixtures/manual-clock.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { silentLog } from '../observability/log.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { backoffMs, MAX_BACKOFF_MS } from './backoff.ts';
import type { Consumer } from './bus.ts';
import { busSuite } from './bus-suite.ts';
import { createSqliteBus, type SqliteBus } from './sqlite-bus.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** A clock that jumps past any backoff whenever it is looked at. */
function hastyClock(): Clock {
  let now = 1_795_262_400_000;
  return {
    ...systemClock,
    now: () => {
      now += 2 * MAX_BACKOFF_MS;
      return now;
    },
  };
}

busSuite('sqlite bus', async () => {
  const { store, remove } = await temporaryStore();
  return {
    store,
    bus: () => createSqliteBus({ store, clock: hastyClock(), log: silentLog, pollMs: 5 }),
    deadLetters: async (bus) =>
      (await (bus as SqliteBus).deadLetters()).map(({ consumer, message, error }) => ({
        consumer,
        messageId: message.id,
        type: message.type,
        error,
      })),
    replay: (bus, consumer) => (bus as SqliteBus).replay(consumer),
    close: remove,
  };
});

type Archived = Consumer<'audio.archived.v1'>;

async function setUp(t: TestContext, clock: Clock = systemClock) {
  const { store, dataDir, remove } = await temporaryStore(clock);
  const buses: SqliteBus[] = [];
  t.after(async () => {
    for (const bus of buses) await bus.stop(0);
    await remove();
  });
  return {
    store,
    dataDir,
    async publish(recordingId = uuidv7()) {
      await store.transaction('local', (tx) => tx.publish('audio.archived.v1', { recordingId }));
      return recordingId;
    },
    /** A started bus with one consumer. */
    async bus(handle: Archived['handle'], options: { leaseMs?: number } = {}) {
      const bus = createSqliteBus({ store, clock, log: silentLog, pollMs: 5, random: () => 1, ...options });
      buses.push(bus);
      bus.consume<'audio.archived.v1'>({
        name: 'archiver',
        types: ['audio.archived.v1'],
        concurrency: 1,
        handle,
      });
      await bus.start();
      return bus;
    },
  };
}

async function takenAndKilled(dataDir: string, behaviour = ''): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('fixtures/dying-consumer.ts', import.meta.url));
  const child = spawn(process.execPath, [program, dataDir, behaviour], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [taken] = await once(child.stdout!, 'data');
  assert.equal(String(taken), 'taken\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  return child;
}

describe('sqlite bus, after kill -9 of a process', () => {
  it('redelivers at once at the next start, as a failed attempt', async (t) => {
    const { dataDir, publish, bus } = await setUp(t);
    await publish();
    await takenAndKilled(dataDir);
    const attempts: number[] = [];
    await (await bus(async ({ attempt }) => void attempts.push(attempt))).idle();
    assert.deepEqual(attempts, [2]);
  });

  it('does not blame a message whose handler was getting on', async (t) => {
    const { dataDir, publish, bus } = await setUp(t);
    await publish();
    await takenAndKilled(dataDir, 'working');
    const attempts: number[] = [];
    await (await bus(async ({ attempt }) => void attempts.push(attempt))).idle();
    assert.deepEqual(attempts, [1]);
  });

  it('gives up a message that has killed the process five times', async (t) => {
    const { store, dataDir, publish, bus } = await setUp(t);
    await publish();
    await takenAndKilled(dataDir);
    await store.writer.updateTable('deliveries').set({ failures: 4 }).execute();
    const survivor = await bus(async () => assert.fail('it would kill this process as well'));
    await survivor.idle();
    assert.deepEqual(
      (await survivor.deadLetters()).map(({ consumer, error }) => ({ consumer, error })),
      [{ consumer: 'archiver', error: 'process_died' }],
    );
  });
});

describe('sqlite bus', () => {
  it('waits after a failure, longer each time, and lets other messages pass meanwhile', async (t) => {
    const clock = manualClock();
    const { publish, bus } = await setUp(t, clock);
    const bad = await publish();
    const good = await publish();
    const order: string[] = [];
    let passed = () => {};
    const goodIsDone = new Promise<void>((resolve) => {
      passed = resolve;
    });
    const running = await bus(async ({ message, attempt }) => {
      order.push(message.data.recordingId);
      if (message.data.recordingId === good) passed();
      else if (attempt === 1) throw new Error('not yet');
    });
    await goodIsDone;
    assert.deepEqual(order, [bad, good]);
    clock.advance(backoffMs(1, 1) - 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(order, [bad, good]);
    clock.advance(1);
    await running.idle();
    assert.deepEqual(order, [bad, good, bad]);
  });

  it('does not wait for an hour when the wall clock is set back by one', async (t) => {
    const clock = manualClock();
    const { store, publish, bus } = await setUp(t, clock);
    await publish();
    const attempts: number[] = [];
    clock.setWall(clock.now() + HOUR_MS);
    const running = await bus(async ({ attempt }) => {
      attempts.push(attempt);
      if (attempt === 1) throw new Error('not yet');
    });
    const failures = async () =>
      (await store.reader.selectFrom('deliveries').select('failures').executeTakeFirst())?.failures;
    await until('one failure is noted', async () => (await failures()) === 1);
    clock.setWall(clock.now() - HOUR_MS);
    await running.idle();
    assert.deepEqual(attempts, [1, 2]);
  });

  it('finds what another process published', async (t) => {
    const { dataDir, bus } = await setUp(t);
    const seen: string[] = [];
    const observed: string[] = [];
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const running = await bus(async ({ message }) => void seen.push(message.data.recordingId));
    running.observe(['audio.archived.v1'], ({ data }) => {
      observed.push(data.recordingId);
      arrived();
    });
    const other = await openSqliteStore({
      path: join(dataDir, 'speakr.db'),
      keys: createKeyFile({ path: join(dataDir, 'keys', 'key') }),
      clock: systemClock,
    });
    const recordingId = uuidv7();
    await other.transaction('local', (tx) => tx.publish('audio.archived.v1', { recordingId }));
    await other.close();
    await arrival;
    await running.idle();
    assert.deepEqual(observed, [recordingId]);
    assert.deepEqual(seen, [recordingId]);
  });

  it('lets another process have a delivery when its lease has run out, not before', async (t) => {
    const clock = manualClock();
    const { store, publish, bus } = await setUp(t, clock);
    await publish();
    let release = () => {};
    let isTaken = () => {};
    const taken = new Promise<void>((resolve) => {
      isTaken = resolve;
    });
    let tellWorking = () => {};
    await bus(
      ({ working }) => {
        tellWorking = working;
        isTaken();
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      },
      { leaseMs: 60_000 },
    );
    await taken;
    const second: number[] = [];
    const other = await bus(async ({ attempt }) => void second.push(attempt), { leaseMs: 60_000 });
    clock.advance(40_000);
    tellWorking();
    const leaseUntil = async () =>
      (await store.reader.selectFrom('deliveries').select('lease_until').executeTakeFirst())?.lease_until;
    await until('the lease is longer', async () => (await leaseUntil()) === clock.now() + 60_000);
    clock.advance(40_000);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(second, []);
    clock.advance(20_000);
    await other.idle();
    assert.deepEqual(second, [1]);
    release();
  });

  it('forgets delivered messages after a day, and keeps those that somebody still needs', async (t) => {
    const clock = manualClock();
    const { store, publish, bus } = await setUp(t, clock);
    const bad = await publish();
    await publish();
    const first = await bus(async ({ message }) => {
      if (message.data.recordingId === bad) throw new Error('never');
    });
    const hurry = setInterval(() => clock.advance(MAX_BACKOFF_MS), 5);
    await first.idle();
    clearInterval(hurry);
    await first.stop(0);
    const kept = async () =>
      (await store.reader.selectFrom('outbox').select('recording_id').execute()).length;
    assert.equal(await kept(), 2);
    clock.advance(2 * DAY_MS);
    const second = await bus(async () => assert.fail('nothing is new'));
    assert.equal(await kept(), 1);
    assert.equal((await second.deadLetters())[0]?.message.subject, bad);
  });

  it('drops what was still to be done for a recording that is deleted', async (t) => {
    const { store, publish, bus } = await setUp(t);
    const id = uuidv7();
    await store.transaction('local', (tx) =>
      tx.createRecording({
        id,
        tags: [],
        mode: 'batch',
        language: 'en',
        model: 'moonshine-tiny-en',
        template: 'plain',
        source: 'talk.wav',
        startedAt: 0,
        tracks: [],
      }),
    );
    await publish(id);
    await store.transaction('local', (tx) => tx.deleteRecording(id));
    await (await bus(async () => assert.fail('the recording is gone'))).idle();
  });

  it('counts what waits and what is under way', async (t) => {
    const { publish, bus } = await setUp(t);
    await publish();
    await publish();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: taken, resolve: take } = Promise.withResolvers<void>();
    const running = await bus(() => {
      take();
      return released;
    });
    await taken;
    assert.equal(await running.pending(), 2);
    release();
    await running.idle();
    assert.equal(await running.pending(), 0);
  });

  it('names errors by code, never by message', async (t) => {
    const { publish, bus } = await setUp(t, hastyClock());
    await publish();
    const running = await bus(async () => {
      throw new RangeError('we launch on the first of March');
    });
    await running.idle();
    assert.deepEqual(
      (await running.deadLetters()).map(({ error }) => error),
      ['RangeError'],
    );
  });
});

describe('backoff', () => {
  it('grows from a second to five minutes at the most, with the upper half random', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((failures) => backoffMs(failures, 1)),
      [1000, 4000, 16_000, 64_000],
    );
    assert.equal(backoffMs(3, 0), 8000);
    assert.equal(backoffMs(9, 1), MAX_BACKOFF_MS);
  });
});
