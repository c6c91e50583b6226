import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerMessage } from '@speakr/contracts/stream';
import { createOutgoing } from './outgoing.ts';

type Final = Extract<ServerMessage, { type: 'final' }>;

const final = (index: number): Final => ({
  type: 'final',
  segmentId: `1.0.${index}`,
  track: 0,
  startMs: index,
  endMs: index + 1,
  text: 'x'.repeat(1000),
  stable: '',
});
const partial = (index: number): ServerMessage => ({ ...final(index), type: 'partial' });

/** A client that reads only when it is told to. */
function slowClient(stored: Final[] = []) {
  const sent: ServerMessage[] = [];
  const waiting: (() => void)[] = [];
  let bytes = 0;
  let most = 0;
  const outgoing = createOutgoing({
    transmit(text, done) {
      sent.push(JSON.parse(text) as ServerMessage);
      bytes += text.length;
      most = Math.max(most, bytes);
      waiting.push(() => {
        bytes -= text.length;
        done();
      });
    },
    storedFinals: async () => stored,
    onError: (error) => assert.fail(String(error)),
  });
  return {
    outgoing,
    sent,
    get most() {
      return most;
    },
    /** Reads everything, and what comes because of it. */
    async read() {
      while (waiting.length > 0) {
        for (const done of waiting.splice(0)) done();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

test('a client that keeps up gets everything at once', async () => {
  const client = slowClient();
  for (let index = 0; index < 10; index += 1) {
    client.outgoing.send(partial(index));
    await client.read();
  }
  assert.equal(client.sent.length, 10);
});

test('for a client that does not read memory is bounded, and no final is lost', async () => {
  const stored: Final[] = [];
  const client = slowClient(stored);
  for (let index = 0; index < 3000; index += 1) {
    for (let tick = 0; tick < 3; tick += 1) client.outgoing.send(partial(index));
    client.outgoing.send({ type: 'ack', track: 0, samples: index });
    stored.push(final(index));
    client.outgoing.send(final(index));
  }
  assert.ok(client.most < 300_000, `${client.most} bytes wait`);
  const flushed = client.outgoing.flushed();
  await client.read();
  await flushed;
  const finals = client.sent.filter((message) => message.type === 'final');
  assert.deepEqual(
    finals.map(({ segmentId }) => segmentId),
    stored.map(({ segmentId }) => segmentId),
  );
  assert.ok(client.most < 300_000, `${client.most} bytes waited`);
  const acks = client.sent.filter((message) => message.type === 'ack');
  assert.equal(acks.at(-1)?.samples, 2999, 'the newest ack is told');
  assert.ok(client.sent.filter(({ type }) => type === 'partial').length < 500);
});

test('what matters is sent however slow the client is', async () => {
  const client = slowClient();
  for (let index = 0; index < 400; index += 1) client.outgoing.send(partial(index));
  client.outgoing.send({ type: 'command', command: 'stop' });
  assert.equal(client.sent.at(-1)?.type, 'command');
});

test('stored finals are sent once', async () => {
  const stored = [final(0), final(1)];
  const client = slowClient(stored);
  client.outgoing.send(final(0));
  await Promise.all([client.outgoing.resendFinals(), client.outgoing.resendFinals()]);
  assert.deepEqual(
    client.sent.map((message) => message.type === 'final' && message.segmentId),
    ['1.0.0', '1.0.1'],
  );
});
