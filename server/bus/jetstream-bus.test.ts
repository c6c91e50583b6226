import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { v7 as uuidv7 } from 'uuid';
import { until } from '../../scripts/until.ts';
import { systemClock } from '../clock.ts';
import { ownNats } from '../fixtures/own-nats.ts';
import { testNats } from '../fixtures/services.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { temporaryNats } from '../fixtures/test-nats.ts';
import { declareStreams } from '../nats/declare-streams.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';
import type { Consumer } from './bus.ts';
import { busSuite } from './bus-suite.ts';
import { declareConsumer } from './declare-consumer.ts';
import { sqliteOutbox } from './fixtures/sqlite-outbox.ts';
import { createJetStreamBus, type JetStreamBus } from './jetstream-bus.ts';
import { busStreams, MESSAGES } from './jetstream-streams.ts';

const { missing } = await testNats();

describe('hosted', { skip: missing }, () => {
  busSuite('jetstream bus', async () => {
    const { store, remove } = await temporaryStore();
    const { nats, remove: removeNats } = await temporaryNats();
    return {
      store,
      bus: () =>
        createJetStreamBus({
          nats,
          outbox: sqliteOutbox(store),
          clock: systemClock,
          log: silentLog,
          declared: {},
          pollMs: 20,
          backoff: () => 0,
        }),
      deadLetters: async (bus) =>
        (await (bus as JetStreamBus).deadLetters()).map(({ consumer, message, error }) => ({
          consumer,
          messageId: message.id,
          type: message.type,
          error,
        })),
      replay: (bus, consumer) => (bus as JetStreamBus).replay(consumer),
      async close() {
        await removeNats();
        await remove();
      },
    };
  });
});

const LEASE_MS = 400;

async function setUp(t: TestContext) {
  const { store, remove } = await temporaryStore();
  const { url, nats, remove: removeNats } = await temporaryNats();
  const buses: JetStreamBus[] = [];
  t.after(async () => {
    for (const bus of buses) await bus.stop(0);
    await removeNats();
    await remove();
  });
  return {
    url,
    nats,
    store,
    publish: (recordingId = uuidv7()) =>
      store.transaction('local', (tx) => tx.publish('audio.archived.v1', { recordingId })),
    bus(
      handle: Consumer<'audio.archived.v1'>['handle'],
      connection = nats,
      more: object = {},
      concurrency = 4,
    ) {
      const bus = createJetStreamBus({
        nats: connection,
        outbox: sqliteOutbox(store),
        clock: systemClock,
        log: silentLog,
        declared: {},
        pollMs: 20,
        leaseMs: LEASE_MS,
        backoff: () => 0,
        ...more,
      });
      buses.push(bus);
      bus.consume<'audio.archived.v1'>({
        name: 'archiver',
        types: ['audio.archived.v1'],
        concurrency,
        handle,
      });
      return bus;
    },
  };
}

describe('jetstream bus', { skip: missing }, () => {
  for (const [what, says] of [
    ['before it said that it got on', false],
    ['while it got on', true],
  ] as const)
    it(`another process gets the message of one that died ${what}, and the message is not to blame`, async (t) => {
      const { url, publish, bus } = await setUp(t);
      const dying = await connectNats({ url, name: 'dies', log: silentLog });
      let taken = () => {};
      const isTaken = new Promise<void>((resolve) => {
        taken = resolve;
      });
      await bus(async ({ working, signal }) => {
        if (says) working();
        setTimeout(taken, 50);
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      }, dying).start();
      await publish();
      await isTaken;
      await dying.connection.close();
      const attempts: number[] = [];
      const other = bus(async (delivery) => void attempts.push(delivery.attempt));
      await other.start();
      await other.idle();
      assert.deepEqual(attempts, [1]);
    });

  for (const [deaths, outcome] of [
    [19, 'is tried once more'],
    [20, 'is given up'],
  ] as const)
    it(`a message that ${deaths} processes had in a row without a word ${outcome}`, async (t) => {
      const { url, nats, publish, bus } = await setUp(t);
      const dying = await connectNats({ url, name: 'dies', log: silentLog });
      const taken = Promise.withResolvers<void>();
      await bus(async ({ signal }) => {
        taken.resolve();
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      }, dying).start();
      await publish();
      await taken.promise;
      await dying.connection.close();
      const queue = await nats.js.consumers.get(MESSAGES, 'archiver');
      for (let death = 2; death <= deaths; death++) {
        const message = await queue.next({ expires: 30_000 });
        assert.equal(message?.info.deliveryCount, death);
        message?.nak();
      }
      const attempts: number[] = [];
      const other = bus(async ({ attempt }) => void attempts.push(attempt));
      await other.start();
      await other.idle();
      const errors = (await other.deadLetters()).map(({ error }) => error);
      assert.deepEqual([attempts, errors], deaths < 20 ? [[1], []] : [[], ['process_died']]);
    });

  it('while a service is away a message waits and is not to blame; one that waits for ever is given up', async (t) => {
    const { publish, bus } = await setUp(t);
    const attempts: number[] = [];
    let awayFor = 20;
    const one = bus(async ({ attempt }) => {
      attempts.push(attempt);
      if (attempts.length <= awayFor) throw new SpeakrError('unavailable');
    });
    await one.start();
    await publish();
    await one.idle();
    assert.deepEqual(
      attempts,
      Array.from({ length: 21 }, () => 1),
    );
    assert.deepEqual(await one.deadLetters(), []);

    attempts.length = 0;
    awayFor = Number.POSITIVE_INFINITY;
    await publish();
    await one.idle();
    assert.deepEqual(attempts.slice(-5), [1, 2, 3, 4, 5]);
    assert.ok(attempts.length > 20, String(attempts.length));
    assert.equal((await one.deadLetters()).length, 1);
  });

  it('before anybody has declared its stream, a consumer has no dead letters', async (t) => {
    const { bus } = await setUp(t);
    assert.deepEqual(await bus(async () => {}).deadLetters(), []);
  });

  it('a handler that works longer than the lease keeps its message', async (t) => {
    const { publish, bus } = await setUp(t);
    let deliveries = 0;
    const one = bus(async () => {
      deliveries += 1;
      await new Promise((resolve) => setTimeout(resolve, 3 * LEASE_MS));
    });
    await one.start();
    await publish();
    await one.idle();
    assert.equal(deliveries, 1);
  });

  it('a handler that hangs loses its message, and is told', async (t) => {
    const { publish, bus } = await setUp(t);
    const seen: (number | string)[] = [];
    const one = bus(
      async ({ attempt, signal }) => {
        seen.push(attempt);
        if (attempt > 1) return;
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      undefined,
      { silentMs: 100 },
    );
    await one.start();
    await publish();
    await one.idle();
    assert.deepEqual(seen, [1, 2]);
  });

  it('a broker that is away for longer than the lease, again and again, is no failure of what was under way', async (t) => {
    const server = await ownNats();
    const nats = await connectNats({ url: server.url, name: 'test', log: silentLog });
    t.after(async () => {
      await nats.close();
      await server.stop();
    });
    const { publish, bus } = await setUp(t);
    const attempts: number[] = [];
    let isBack = false;
    const one = bus(async ({ attempt, signal }) => {
      attempts.push(attempt);
      if (isBack) return;
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }, nats);
    await one.start();
    await publish();
    for (let round = 1; round <= 6; round += 1) {
      await until(`delivery ${round}`, () => attempts.length >= round);
      await server.kill('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_MS));
      isBack = round === 6;
      await server.start();
    }
    await one.idle();
    assert.deepEqual(await one.deadLetters(), []);
    assert.ok(
      attempts.every((attempt) => attempt === 1),
      String(attempts),
    );
    // Before the broker is stopped, so that nothing waits for it.
    await one.stop(0);
  });

  it('a broker that knows nothing of a delivery any more takes no outcome of it; the next message does not wait', async (t) => {
    const { nats, publish, bus } = await setUp(t);
    const ids = [uuidv7(), uuidv7(), uuidv7()];
    const handled: string[] = [];
    let hasForgotten = false;
    const one = bus(
      async ({ message }) => {
        handled.push(message.data.recordingId);
        if (handled.length !== 3) return;
        // As after a kill, before which it wrote nothing down.
        await nats.jsm.streams.delete(MESSAGES);
        await declareStreams(nats.jsm, busStreams(['archiver'], 1), silentLog);
        await declareConsumer(nats.jsm, 'archiver', ['audio.archived.v1'], LEASE_MS);
        hasForgotten = true;
      },
      undefined,
      {},
      1,
    );
    await one.start();
    for (const id of ids) await publish(id);
    await until('the broker has forgotten', () => hasForgotten);
    const next = uuidv7();
    await publish(next);
    await until('the next one is handled', () => handled.includes(next));
    await one.idle();
    assert.deepEqual(await one.deadLetters(), []);
  });

  it('a message that nobody can read becomes a dead letter, and holds up no other', async (t) => {
    const { nats, publish, bus } = await setUp(t);
    let handled = 0;
    const one = bus(async () => void handled++);
    await one.start();
    await nats.js.publish('speakr.event.audio.archived.v1', 'no JSON');
    await nats.js.publish('speakr.event.audio.archived.v1', '{"type":"launch"}');
    await publish();
    await one.idle();
    assert.equal(handled, 1);
    const letters = await one.deadLetters();
    assert.deepEqual(
      letters.map(({ error }) => error),
      ['malformed', 'malformed'],
    );
    assert.equal(await one.replay('archiver'), 0);
  });

  it('a message that always fails holds up no other', async (t) => {
    const { publish, bus } = await setUp(t);
    const bad = uuidv7();
    const good: string[] = [];
    const one = bus(
      async ({ message }) => {
        if (message.data.recordingId === bad) throw new Error('never');
        good.push(message.data.recordingId);
      },
      undefined,
      { backoff: () => 60_000 },
    );
    await one.start();
    await publish(bad);
    for (let index = 0; index < 5; index += 1) await publish();
    await until('five are delivered', () => good.length >= 5);
  });

  it('what a full stream refuses stays in the outbox until there is room', async (t) => {
    const { nats, store, publish, bus } = await setUp(t);
    let handled = 0;
    const one = bus(async () => void handled++);
    await one.start();
    const { config } = await nats.jsm.streams.info('SPEAKR_MESSAGES');
    await nats.jsm.streams.update('SPEAKR_MESSAGES', { ...config, max_bytes: 1 });
    await publish();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal((await sqliteOutbox(store).waiting()).messages, 1);
    assert.equal(handled, 0);
    await nats.jsm.streams.update('SPEAKR_MESSAGES', config);
    await one.idle();
    assert.equal(handled, 1);
  });

  it('a stream that was changed by hand is put right at the next start', async (t) => {
    const { nats, bus } = await setUp(t);
    await bus(async () => {}).start();
    const { config } = await nats.jsm.streams.info('SPEAKR_MESSAGES');
    await nats.jsm.streams.update('SPEAKR_MESSAGES', { ...config, duplicate_window: 1e9, discard: 'old' });
    await bus(async () => {}).start();
    const { config: again } = await nats.jsm.streams.info('SPEAKR_MESSAGES');
    assert.deepEqual([again.duplicate_window, again.discard], [config.duplicate_window, 'new']);
  });

  it('a stream that cannot be put right is named', async (t) => {
    const { nats, bus } = await setUp(t);
    await nats.jsm.streams.add({ name: 'SPEAKR_MESSAGES', subjects: ['speakr.event.>'], storage: 'memory' });
    await assert.rejects(bus(async () => {}).start(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'config_invalid');
      assert.match(error.message, /SPEAKR_MESSAGES.*(retention|storage)/);
      return true;
    });
  });
});
