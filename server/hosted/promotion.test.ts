import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Message, subjectOf } from '@speakr/contracts/events';
import type { Evaluation, Promotion } from '@speakr/contracts/model-registry';
import { until } from '../../scripts/until.ts';
import { promotionParts, promotionSuite } from '../fixtures/promotion-suite.ts';
import { fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';

const missing = await fleetMissing();

describe('in a fleet', { skip: missing }, () => {
  it('a model takes the place of another under live streams, or does not, and gives it back', async (t) => {
    const fleet = await testFleet(t);
    const { parts, ...stages } = promotionParts();
    const nats = await connectNats({
      url: fleet.env.NATS_URL ?? '',
      name: 'another program',
      log: silentLog,
    });
    t.after(() => nats.close());
    const seen = new Map<string, string>();
    nats.connection.subscribe(subjectOf('model.promoted.v1'), {
      callback(_, message) {
        const { id, data } = message.json<Message<'model.promoted.v1'>>();
        seen.set(id, `${data.kind} ${data.model} after ${data.previous}`);
      },
    });
    const gateway = await fleet.start(['gateway'], { parts });
    await fleet.start(['transcriber'], { parts });
    await fleet.start(['ingestion', 'embedder', 'notes', 'archiver', 'admin'], { parts });
    await promotionSuite(
      {
        request: (path, init) => gateway.request('olga', path, init),
        connect: () => gateway.connect('olga'),
      },
      stages,
    );
    const spaces = await rowsOf(
      fleet,
      `select model, vector_dims(vector) as dimensions, count(distinct recording_id)::int as recordings
       from speakr.passages group by 1, 2 order by 1`,
    );
    assert.deepEqual(
      spaces.map(({ model, dimensions }) => [model, dimensions]),
      [
        ['hash', 256],
        ['words-128', 128],
      ],
    );
    assert.equal(spaces[0]?.recordings, spaces[1]?.recordings);
    const exchanges = [
      'embedder hash after held',
      'embedder hash after words-128',
      'embedder held after hash',
      'embedder words-128 after hash',
      'recognizer moonshine-tiny-en after second',
      'recognizer second after moonshine-tiny-en',
    ];
    const published = () => [...seen.values()].sort();
    await until('every exchange is published', () => seen.size >= exchanges.length, { seen: published });
    assert.deepEqual(published(), exchanges);
  });

  it('two gateways promote at once: one does, the other one is told so', async (t) => {
    const fleet = await testFleet(t);
    const { parts, slow } = promotionParts();
    const gateways = [await fleet.start(['gateway'], { parts }), await fleet.start(['gateway'], { parts })];
    const post = (at: number, path: string, body?: object) =>
      gateways[at]!.request('olga', `/v1/admin/models${path}`, {
        method: 'POST',
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
    await post(0, '', {
      id: 'slow',
      kind: 'recognizer',
      weights: 'moonshine-tiny-en',
      options: { maxWorkers: 1 },
    });
    for (const id of ['moonshine-tiny-en', 'slow'])
      await post(0, `/${id}/evaluations`, {
        metric: 'wer',
        value: 0.1,
        samples: 1000,
        set: '0'.repeat(64),
      } satisfies Omit<Evaluation, 'measuredAt' | 'by'>);
    const told: { status: number; answer: { code?: string } & Partial<Promotion> }[] = [];
    const both = gateways.map(async (_, at) => {
      const response = await post(at, '/slow/promotion');
      told.push({ status: response.status, answer: (await response.json()) as { code?: string } });
    });
    // Whoever tries the model waits for it to load, so that the other one comes to its end first.
    await until('one is refused', () => told.length > 0);
    assert.deepEqual(
      told.map(({ answer: { code } }) => code),
      ['promotion_running'],
    );
    slow.letItLoad();
    await Promise.all(both);
    assert.equal(told[1]?.status, 200, JSON.stringify(told[1]?.answer));
    assert.deepEqual([told[1]?.answer.model, told[1]?.answer.state], ['slow', 'active']);
    const rows = await rowsOf(fleet, 'select model from speakr.model_promotions');
    assert.deepEqual(rows, [{ model: 'slow' }]);
  });
});
