import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { until } from '../../scripts/until.ts';
import { ownNats } from '../fixtures/own-nats.ts';
import { testNats } from '../fixtures/services.ts';
import { temporaryNats } from '../fixtures/test-nats.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';
import { audioLogSuite } from './audio-log-suite.ts';
import { audioPlace } from './audio-streams.ts';
import { createJetStreamAudioLog } from './jetstream-audio-log.ts';

const { missing } = await testNats();
const dataKey = async () => new Uint8Array(32).fill(3);
const MAX_BYTES = 256 * 1024 * 1024;

describe('hosted', { skip: missing }, () => {
  audioLogSuite('jetstream', async () => {
    const { url, nats, remove } = await temporaryNats();
    let mine = nats;
    const open = () => createJetStreamAudioLog({ nats: mine, dataKey, log: silentLog, maxBytes: MAX_BYTES });
    let audioLog = await open();
    return {
      audioLog,
      async restart() {
        await audioLog.close();
        if (mine !== nats) await mine.close();
        mine = await connectNats({ url, name: 'test again', log: silentLog });
        audioLog = await open();
        return audioLog;
      },
      async cleanUp() {
        await audioLog.close();
        if (mine !== nats) await mine.close();
        await remove();
      },
    };
  });
});

const id = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
const owner = 'alex';
const never = new AbortController().signal;

/** Two gateways, each with a connection of its own. */
async function twoGateways(t: TestContext) {
  const { url, nats, remove } = await temporaryNats();
  const other = await connectNats({ url, name: 'another gateway', log: silentLog });
  const open = (mine: typeof nats) =>
    createJetStreamAudioLog({ nats: mine, dataKey, log: silentLog, maxBytes: MAX_BYTES });
  const [first, second] = [await open(nats), await open(other)];
  t.after(async () => {
    await first.close();
    await second.close();
    await other.close();
    await remove();
  });
  return { nats, first, second };
}

/** Audio that says where it is from. */
const chunk = (offset: number, samples = 1600) => {
  const pcm = new Int16Array(samples).map((_, index) => (offset + index) % 30_000);
  return { track: 0, offset, pcm: new Uint8Array(pcm.buffer) };
};

describe('jetstream audio log', { skip: missing }, () => {
  it('two gateways that write the same track write it once, in order', async (t) => {
    const { first, second } = await twoGateways(t);
    await first.open(owner, id, [0]);
    await second.open(owner, id, [0]);
    // The client went on at the second; what the first still has comes between.
    for (let offset = 0; offset < 32_000; offset += 1600) {
      await first.append(owner, id, chunk(offset));
      await second.append(owner, id, chunk(offset));
    }
    await second.seal(owner, id);
    let next = 0;
    for await (const { offset, ...content } of second.follow(owner, id, 0, 0, never)) {
      assert.equal(offset, next);
      assert.ok('pcm' in content);
      assert.deepEqual(Buffer.from(content.pcm), Buffer.from(chunk(offset, content.pcm.byteLength / 2).pcm));
      next += content.pcm.byteLength / 2;
    }
    assert.equal(next, 32_000);
  });

  it('what another process removed begins anew, also where it had been open', async (t) => {
    const { first, second } = await twoGateways(t);
    await first.open(owner, id, [0]);
    await first.append(owner, id, chunk(0));
    await first.append(owner, id, chunk(1600));
    await until('both are stored', async () => (await second.status(owner, id))?.samples.get(0) === 3200);
    await second.remove(owner, id);
    assert.deepEqual(await first.open(owner, id, [0]), new Map([[0, 0]]));
    await first.append(owner, id, chunk(0, 800));
    await first.seal(owner, id);
    let next = 0;
    for await (const { offset, ...content } of second.follow(owner, id, 0, 0, never)) {
      assert.equal(offset, next);
      assert.ok('pcm' in content);
      next += content.pcm.byteLength / 2;
    }
    assert.equal(next, 800);
  });

  it('what one gateway sealed no other goes on with', async (t) => {
    const { first, second } = await twoGateways(t);
    await first.open(owner, id, [0]);
    await second.open(owner, id, [0]);
    await first.append(owner, id, chunk(0));
    await first.seal(owner, id);
    await second.append(owner, id, chunk(0));
    await second.append(owner, id, chunk(1600)).catch(() => {});
    const refused = async () => {
      for (;;) {
        await second.append(owner, id, chunk(1600));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await assert.rejects(refused(), { code: 'stream_out_of_order' });
    assert.deepEqual(await second.status(owner, id), { sealed: true, samples: new Map([[0, 1600]]) });
  });

  it('a reader finds its place in a long log that shares the stream with others', async (t) => {
    const { first } = await twoGateways(t);
    const others = Array.from({ length: 20 }, (_, index) => id.slice(0, -2) + String(index + 10));
    await first.open(owner, id, [0]);
    for (const other of others) await first.open(owner, other, [0]);
    for (let offset = 0; offset < 160_000; offset += 1600) {
      await first.append(owner, id, chunk(offset));
      await first.append(owner, others[(offset / 1600) % others.length] as string, {
        ...chunk(Math.floor(offset / 1600 / others.length) * 1600),
      });
    }
    await first.seal(owner, id);
    for (const from of [0, 1, 79_999, 80_000, 159_999]) {
      for await (const { offset } of first.follow(owner, id, 0, from, never)) {
        assert.equal(offset, from);
        break;
      }
    }
    for await (const _ of first.follow(owner, id, 0, 160_000, never)) assert.fail('there is no more');
  });

  it('a reader that the broker has forgotten asks anew when the connection is back', async (t) => {
    const { nats, remove } = await temporaryNats();
    const reconnected = new Set<() => void>();
    const watched = Object.create(nats, {
      onReconnect: {
        value(listener: () => void) {
          reconnected.add(listener);
          return () => void reconnected.delete(listener);
        },
      },
    });
    const log = await createJetStreamAudioLog({
      nats: watched,
      dataKey,
      log: silentLog,
      maxBytes: MAX_BYTES,
    });
    const ended = new AbortController();
    t.after(async () => {
      await log.close();
      await remove();
    });
    await log.open(owner, id, [0]);
    await log.append(owner, id, chunk(0));
    const reader = log.follow(owner, id, 0, 0, ended.signal)[Symbol.asyncIterator]();
    assert.equal((await reader.next()).value?.offset, 0);
    const { stream } = audioPlace(owner, id);
    const forget = async () => {
      for await (const { name } of nats.jsm.consumers.list(stream))
        await nats.jsm.consumers.delete(stream, name);
    };
    await forget();
    for (const listener of reconnected) listener();
    await log.append(owner, id, chunk(1600));
    // By itself the client asks again after 30 s.
    const late = setTimeout(() => ended.abort(new Error('nothing was read for 10 s')), 10_000);
    assert.equal((await reader.next()).value?.offset, 1600);
    clearTimeout(late);
    await reader.return?.();
    assert.equal(reconnected.size, 0);
  });

  it('a broker that is away is told as such, and asked again', async (t) => {
    const server = await ownNats();
    const nats = await connectNats({ url: server.url, name: 'test', log: silentLog });
    const log = await createJetStreamAudioLog({ nats, dataKey, log: silentLog, maxBytes: MAX_BYTES });
    t.after(async () => {
      await log.close();
      await nats.close();
      await server.stop();
    });
    await server.kill('SIGKILL');
    await assert.rejects(log.open(owner, id, [0]), { code: 'unavailable' });
    await assert.rejects(log.status(owner, id), { code: 'unavailable' });
    await server.start();
    let opened: Map<number, number> | undefined;
    while (opened === undefined) opened = await log.open(owner, id, [0]).catch(() => undefined);
    assert.deepEqual(opened, new Map([[0, 0]]));
  });

  it('the broker holds no audio that can be read', async (t) => {
    const { nats, first } = await twoGateways(t);
    await first.open(owner, id, [0]);
    const pcm = Buffer.alloc(3200, 'speech');
    await first.append(owner, id, { track: 0, offset: 0, pcm });
    await first.seal(owner, id);
    let bytes = 0;
    for await (const { config, state } of nats.jsm.streams.list()) {
      if (state.messages === 0) continue;
      for await (const stored of await nats.jsm.direct.getBatch(config.name, { seq: 1, batch: 100 })) {
        bytes += stored.data.length;
        assert.ok(!Buffer.from(stored.data).includes('speech'));
      }
    }
    assert.ok(bytes > pcm.length);
  });
});
