import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MessageType } from '@speakr/contracts/events';
import { SpeakrError } from '@speakr/contracts/problem';
import { v7 as uuidv7 } from 'uuid';
import type { Store } from '../store/store.ts';
import type { Bus, Consumer, Delivery } from './bus.ts';

/** One durable bus and the store whose outbox feeds it. */
export interface BusFixture {
  readonly store: Store;
  /** A bus in a new process on the same data; redelivery after a failure takes no noticeable time. */
  bus(): Bus;
  deadLetters(bus: Bus): Promise<{ consumer: string; messageId: string; error: string; type: string }[]>;
  replay(bus: Bus, consumer: string): Promise<number>;
  close(): Promise<void>;
}

const owner = 'local';
const NO_GRACE_MS = 0;
const GRACE_MS = 5000;

/** A promise with its resolver, for tests that wait for a certain moment. */
function moment<T = void>() {
  let reach: (value: T) => void = () => {};
  const reached = new Promise<T>((resolve) => {
    reach = resolve;
  });
  return { reach, reached };
}

/** What every adapter of the `Bus` port does. */
export function busSuite(name: string, make: () => Promise<BusFixture>): void {
  const withBus = (work: (fixture: BusFixture) => Promise<void>) => async () => {
    const fixture = await make();
    const buses: Bus[] = [];
    const bus = () => {
      const made = fixture.bus();
      buses.push(made);
      return made;
    };
    try {
      await work({ ...fixture, bus });
    } finally {
      for (const each of buses) await each.stop(NO_GRACE_MS);
      await fixture.close();
    }
  };
  const publish = async ({ store }: BusFixture, ids: readonly string[] = [uuidv7()]) => {
    await store.transaction(owner, async (tx) => {
      for (const recordingId of ids) await tx.publish('audio.archived.v1', { recordingId });
    });
    return ids;
  };
  const consumer = (
    handle: (delivery: Delivery<'audio.archived.v1'>) => Promise<void>,
    other: Partial<Consumer<'audio.archived.v1'>> = {},
  ): Consumer<'audio.archived.v1'> => ({
    name: 'archiver',
    types: ['audio.archived.v1'],
    concurrency: 1,
    handle,
    ...other,
  });

  describe(name, () => {
    it(
      'delivers each message once to each consumer of its type, in order',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        const first: string[] = [];
        const second: string[] = [];
        bus.consume(consumer(async ({ message }) => void first.push(message.data.recordingId)));
        bus.consume(
          consumer(async ({ message }) => void second.push(message.data.recordingId), { name: 'indexer' }),
        );
        bus.consume({
          name: 'stranger',
          types: ['model.promoted.v1'],
          concurrency: 1,
          handle: async () => assert.fail('the type is not asked for'),
        });
        await bus.start();
        const ids = await publish(fixture, [uuidv7(), uuidv7(), uuidv7()]);
        await bus.idle();
        assert.deepEqual(first, ids);
        assert.deepEqual(second, ids);
      }),
    );

    it(
      'delivers what was published before the consumer first started',
      withBus(async (fixture) => {
        const ids = await publish(fixture);
        const bus = fixture.bus();
        const seen: string[] = [];
        bus.consume(consumer(async ({ message }) => void seen.push(message.data.recordingId)));
        await bus.start();
        await bus.idle();
        assert.deepEqual(seen, ids);
      }),
    );

    it(
      'does not deliver what a transaction published that was rolled back',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        const seen: MessageType[] = [];
        bus.consume(consumer(async ({ message }) => void seen.push(message.type)));
        await bus.start();
        const failed = fixture.store.transaction(owner, async (tx) => {
          await tx.publish('audio.archived.v1', { recordingId: uuidv7() });
          throw new Error('changed my mind');
        });
        await assert.rejects(failed, /changed my mind/);
        await bus.idle();
        assert.deepEqual(seen, []);
      }),
    );

    it(
      'does not deliver an acknowledged message again after a restart',
      withBus(async (fixture) => {
        const seen: number[] = [];
        for (const round of [1, 2]) {
          const bus = fixture.bus();
          bus.consume(consumer(async () => void seen.push(round)));
          await bus.start();
          if (round === 1) await publish(fixture);
          await bus.idle();
          await bus.stop(GRACE_MS);
        }
        assert.deepEqual(seen, [1]);
      }),
    );

    it(
      'tries a failed message again and counts the attempts',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        const attempts: number[] = [];
        bus.consume(
          consumer(async ({ attempt }) => {
            attempts.push(attempt);
            if (attempt < 3) throw new SpeakrError('internal');
          }),
        );
        await bus.start();
        await publish(fixture);
        await bus.idle();
        assert.deepEqual(attempts, [1, 2, 3]);
        assert.deepEqual(await fixture.deadLetters(bus), []);
      }),
    );

    it(
      'puts a message that failed five times to the dead letters of its consumer, and replays it',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        let isHealed = false;
        const attempts: number[] = [];
        const others: string[] = [];
        bus.consume(
          consumer(async ({ attempt }) => {
            attempts.push(attempt);
            if (!isHealed) throw new Error('no luck');
          }),
        );
        bus.consume(consumer(async ({ message }) => void others.push(message.id), { name: 'indexer' }));
        await bus.start();
        await publish(fixture);
        await bus.idle();
        assert.deepEqual(attempts, [1, 2, 3, 4, 5]);
        assert.deepEqual(
          (await fixture.deadLetters(bus)).map(({ consumer, messageId }) => ({ consumer, messageId })),
          [{ consumer: 'archiver', messageId: others[0] }],
        );

        isHealed = true;
        assert.equal(await fixture.replay(bus, 'archiver'), 1);
        await bus.idle();
        assert.deepEqual(attempts, [1, 2, 3, 4, 5, 1]);
        assert.equal(others.length, 1);
        assert.deepEqual(await fixture.deadLetters(bus), []);
      }),
    );

    it(
      'has at most as many deliveries under way as the consumer asks for',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        let now = 0;
        let most = 0;
        const bothRun = moment();
        bus.consume(
          consumer(
            async () => {
              now++;
              most = Math.max(most, now);
              if (now === 2) bothRun.reach();
              await bothRun.reached;
              await new Promise(setImmediate);
              now--;
            },
            { concurrency: 2 },
          ),
        );
        await bus.start();
        await publish(
          fixture,
          Array.from({ length: 6 }, () => uuidv7()),
        );
        await bus.idle();
        assert.equal(most, 2);
      }),
    );

    it(
      'stops by aborting handlers, and gives what was not finished to the next process without blame',
      withBus(async (fixture) => {
        const before = fixture.bus();
        const running = moment();
        before.consume(
          consumer(async ({ signal }) => {
            running.reach();
            await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          }),
        );
        await before.start();
        await publish(fixture);
        await running.reached;
        await before.stop(GRACE_MS);

        const after = fixture.bus();
        const attempts: number[] = [];
        after.consume(consumer(async ({ attempt }) => void attempts.push(attempt)));
        await after.start();
        await after.idle();
        assert.deepEqual(attempts, [1]);
      }),
    );

    it(
      'waits on stop for a handler that is about to finish',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        const running = moment();
        let isDone = false;
        bus.consume(
          consumer(async ({ signal }) => {
            running.reach();
            await new Promise((resolve) => signal.addEventListener('abort', resolve));
            await new Promise(setImmediate);
            isDone = true;
          }),
        );
        await bus.start();
        await publish(fixture);
        await running.reached;
        await bus.stop(GRACE_MS);
        assert.equal(isDone, true);

        const after = fixture.bus();
        after.consume(consumer(async () => assert.fail('it was acknowledged')));
        await after.start();
        await after.idle();
      }),
    );

    it(
      'does not wait on stop for a handler that ignores the signal',
      withBus(async (fixture) => {
        const before = fixture.bus();
        const running = moment();
        const release = moment();
        before.consume(
          consumer(async () => {
            running.reach();
            await release.reached;
          }),
        );
        await before.start();
        await publish(fixture);
        await running.reached;
        await before.stop(NO_GRACE_MS);

        const after = fixture.bus();
        let deliveries = 0;
        after.consume(consumer(async () => void deliveries++));
        await after.start();
        await after.idle();
        assert.equal(deliveries, 1);
        release.reach();
      }),
    );

    it(
      'shows observers what is published from now on, in order, until they leave',
      withBus(async (fixture) => {
        await publish(fixture);
        const bus = fixture.bus();
        const seen: string[] = [];
        const leave = bus.observe(['audio.archived.v1'], ({ data }) => seen.push(data.recordingId));
        bus.observe(['model.promoted.v1'], () => assert.fail('the type is not asked for'));
        await bus.start();
        const ids = await publish(fixture, [uuidv7(), uuidv7()]);
        await bus.idle();
        assert.deepEqual(seen, ids);
        leave();
        await publish(fixture);
        await bus.idle();
        assert.deepEqual(seen, ids);
      }),
    );

    it(
      'is not disturbed by an observer that throws',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        let handled = 0;
        const seen: string[] = [];
        bus.observe(['audio.archived.v1'], () => {
          throw new Error('clumsy');
        });
        bus.observe(['audio.archived.v1'], ({ id }) => seen.push(id));
        bus.consume(consumer(async () => void handled++));
        await bus.start();
        await publish(fixture);
        await bus.idle();
        assert.equal(handled, 1);
        assert.equal(seen.length, 1);
      }),
    );

    it(
      'delivers a message of a newer minor version: what it does not know of it, it leaves be',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        const seen: unknown[] = [];
        bus.consume(consumer(async ({ message }) => void seen.push(message.data)));
        await bus.start();
        const data = { recordingId: uuidv7(), tracks: 2, codec: { name: 'flac' } };
        await fixture.store.transaction(owner, (tx) => tx.publish('audio.archived.v1', data));
        await bus.idle();
        assert.deepEqual(seen, [data]);
        assert.deepEqual(await fixture.deadLetters(bus), []);
      }),
    );

    it(
      'sets a message of a newer major version aside at once, saying why, and delivers those around it',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        const seen: string[] = [];
        bus.consume(consumer(async ({ message }) => void seen.push(message.data.recordingId)));
        bus.consume({
          name: 'stranger',
          types: ['model.promoted.v1'],
          concurrency: 1,
          handle: async () => assert.fail('the type is not asked for'),
        });
        await bus.start();
        const [first] = await publish(fixture);
        for (const type of ['audio.archived.v2', 'audio.archived.v10', 'audio.archived.again.v1'])
          await fixture.store.transaction(owner, (tx) =>
            tx.publish(type as 'audio.archived.v1', { recordingId: uuidv7() }),
          );
        const [last] = await publish(fixture);
        await bus.idle();
        assert.deepEqual(seen, [first, last]);
        const letters = await fixture.deadLetters(bus);
        assert.deepEqual(
          letters.map(({ consumer, type, error }) => [consumer, type, error]),
          [
            ['archiver', 'audio.archived.v2', 'unsupported_version'],
            ['archiver', 'audio.archived.v10', 'unsupported_version'],
          ],
        );
        // Replayed by a program that still does not know it, it is not lost.
        await fixture.replay(bus, 'archiver');
        await bus.idle();
        assert.deepEqual(
          (await fixture.deadLetters(bus)).map(({ messageId }) => messageId),
          letters.map(({ messageId }) => messageId),
        );
      }),
    );

    it(
      'delivers what a handler publishes',
      withBus(async (fixture) => {
        const bus = fixture.bus();
        const recordingId = uuidv7();
        const correlations: string[] = [];
        bus.consume(
          consumer(async ({ message }) => {
            await fixture.store.transaction(owner, (tx) =>
              tx.publish('notes.generated.v1', { recordingId, revision: 1 }, message.correlationid),
            );
          }),
        );
        bus.consume({
          name: 'reader',
          types: ['notes.generated.v1'],
          concurrency: 1,
          handle: async ({ message }) => void correlations.push(message.correlationid),
        });
        await bus.start();
        await fixture.store.transaction(owner, (tx) =>
          tx.publish('audio.archived.v1', { recordingId }, 'request-1'),
        );
        await bus.idle();
        assert.deepEqual(correlations, ['request-1']);
      }),
    );
  });
}
