import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { headers, NoRespondersError, TimeoutError } from '@nats-io/transport-node';
import { testNats } from '../fixtures/services.ts';
import { temporaryNats } from '../fixtures/test-nats.ts';
import { apiCode, WRONG_LAST_SEQUENCE } from './nats.ts';
import { createStreamPublisher, type Publication } from './stream-publisher.ts';

const { missing } = await testNats();

async function publisherTo(t: TestContext, patienceMs = 5000) {
  const { nats, remove } = await temporaryNats();
  await nats.jsm.streams.add({ name: 'launch', subjects: ['launch.>'] });
  const publisher = createStreamPublisher(nats.connection, patienceMs);
  t.after(async () => {
    publisher.close();
    await nats.jsm.streams.delete('launch').catch(() => {});
    await remove();
  });
  const publish = (more: Partial<Publication>) =>
    publisher.publish({
      subject: 'launch.march',
      data: Buffer.from('We launch in March.'),
      headers: headers(),
      after: 0,
      name: 'first',
      ...more,
    });
  return { nats, publish };
}

describe('stream publisher', { skip: missing }, () => {
  it('tells where a message is stored, with its headers', async (t) => {
    const { nats, publish } = await publisherTo(t);
    const all = headers();
    all.set('End', '1600');
    assert.equal(await publish({ headers: all }), 1);
    assert.equal(await publish({ after: 1, name: 'second' }), 2);
    const stored = await nats.jsm.streams.getMessage('launch', { seq: 1 });
    assert.deepEqual([stored?.string(), stored?.header.get('End')], ['We launch in March.', '1600']);
  });

  it('answers many at once, each with its own place', async (t) => {
    const { publish } = await publisherTo(t);
    const seqs = await Promise.all(
      Array.from({ length: 100 }, (_, index) => publish({ subject: `launch.${index}`, name: `at ${index}` })),
    );
    assert.deepEqual(
      seqs,
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  });

  it('stores nothing after another message than the one it follows', async (t) => {
    const { nats, publish } = await publisherTo(t);
    await publish({});
    await assert.rejects(publish({ after: 0, name: 'second' }), (error) =>
      WRONG_LAST_SEQUENCE.has(apiCode(error) ?? 0),
    );
    assert.equal((await nats.jsm.streams.info('launch')).state.messages, 1);
  });

  it('stores a message that is sent twice once', async (t) => {
    const { nats, publish } = await publisherTo(t);
    await publish({});
    assert.equal(await publish({ after: 1 }), 1);
    assert.equal((await nats.jsm.streams.info('launch')).state.messages, 1);
  });

  it('says that no stream listens', async (t) => {
    const { publish } = await publisherTo(t);
    await assert.rejects(publish({ subject: 'budget' }), NoRespondersError);
  });

  it('gives up waiting for an answer', async (t) => {
    const { nats, publish } = await publisherTo(t, 100);
    nats.connection.subscribe('budget', { callback: () => {} });
    await nats.connection.flush();
    await assert.rejects(publish({ subject: 'budget' }), TimeoutError);
  });
});
