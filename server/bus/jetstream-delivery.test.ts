import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import { silentLog } from '../observability/log.ts';
import type { Attempts } from './attempts.ts';
import type { Consumer } from './bus.ts';
import { runDelivery } from './jetstream-delivery.ts';

const message = {
  specversion: '1.0',
  id: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  source: 'speakr',
  type: 'audio.archived.v1',
  time: '2026-11-29T00:00:00.000Z',
  owner: 'local',
  correlationid: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1f',
  data: { recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e' },
};

/** The second delivery of a message that failed three times; the broker answers at once, its memory when asked to. */
function delivered(
  handle: Consumer['handle'],
  silentMs = 60_000,
  write: () => Promise<void> = async () => {},
  answer: (payload: string) => Promise<void> = async () => {},
) {
  const told: string[] = [];
  const written: Attempts[] = [];
  const memory = Promise.withResolvers<{ failures: number; silent: number; away: number }>();
  const running = runDelivery(
    {
      nats: {
        connection: {
          request: async (_: string, payload: Uint8Array) => {
            const word = new TextDecoder().decode(payload).split(' ')[0] ?? '';
            told.push(word);
            await answer(word);
          },
        },
      } as never,
      attempts: {
        before: () => memory.promise,
        write: async (_: string, __: string, attempts: Attempts) => {
          await write();
          written.push(attempts);
        },
        forget: async () => {},
      },
      deadLetters: { add: async () => {} } as never,
      clock: systemClock,
      log: silentLog,
      stopping: new AbortController().signal,
      backoff: () => 0,
      leaseMs: 200,
      silentMs,
    },
    { name: 'archiver', types: ['audio.archived.v1'], concurrency: 1, handle },
    {
      data: new TextEncoder().encode(JSON.stringify(message)),
      info: { deliveryCount: 2 },
      seq: 1,
      reply: 'reply',
    } as never,
  );
  return { running, told, written, remember: () => memory.resolve({ failures: 3, silent: 0, away: 1 }) };
}

const hanging: Consumer['handle'] = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('a message that is handed back before its past is known keeps it, and is not handled any more', async () => {
  let handled = 0;
  const { running, told, written, remember } = delivered(async () => void handled++);
  await running.handBack();
  remember();
  await running.done;
  assert.deepEqual([told, written, handled], [['-NAK'], [], 0]);
});

test('a message that is handed back while it is handled keeps what it had', async () => {
  const { running, told, written, remember } = delivered(hanging);
  remember();
  await sleep(20);
  await running.handBack();
  assert.deepEqual(told, ['-NAK']);
  assert.deepEqual(written, [{ failures: 3, deliveries: 2, away: 1 }]);
});

test('that a handler hangs is written down as one failure, before the lease ends', async () => {
  const { running, written, remember } = delivered(hanging, 40);
  remember();
  await running.done;
  assert.deepEqual(written, [{ failures: 4, deliveries: 2, away: 1 }]);
});

test('an outcome that the broker takes late, while it takes leases, is no second failure', async () => {
  const awayUntil = Date.now() + 400;
  const { running, written, remember } = delivered(
    async () => {
      throw Object.assign(new Error('away'), { code: 'unavailable' });
    },
    40,
    async () => {
      if (Date.now() < awayUntil) throw new Error('no responders');
    },
  );
  remember();
  await running.done;
  assert.deepEqual(written, [{ failures: 3, deliveries: 2, away: 2 }]);
});

test('a broker that extends leases and takes no outcome has forgotten the delivery: its lease ends', async () => {
  const { running, told, remember } = delivered(
    async () => {},
    60_000,
    async () => {},
    async (word) => {
      if (word === '+ACK') throw new DOMException('no answer', 'TimeoutError');
    },
  );
  remember();
  await running.done;
  assert.equal(told[0], '+ACK');
  assert.ok(!told.includes('+WPI'), told.join(' '));
});
