import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { promotionParts, promotionSuite } from '../fixtures/promotion-suite.ts';
import { fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';

const missing = await fleetMissing();

describe('in a fleet', { skip: missing }, () => {
  it('a model takes the place of another under live streams, or does not, and gives it back', async (t) => {
    const fleet = await testFleet(t);
    const { parts, slow } = promotionParts();
    const gateway = await fleet.start(['gateway'], { parts });
    await fleet.start(['transcriber'], { parts });
    await fleet.start(['ingestion', 'embedder', 'notes', 'archiver', 'admin'], { parts });
    await promotionSuite(
      {
        request: (path, init) => gateway.request('olga', path, init),
        connect: () => gateway.connect('olga'),
      },
      slow,
    );
    const spaces = await rowsOf(
      fleet,
      `select model, vector_dims(vector) as dimensions, count(distinct recording_id)::int as recordings
       from speakr.passages group by 1, 2 order by 1`,
    );
    assert.deepEqual(
      spaces.map(({ model, dimensions }) => [model, dimensions]),
      [
        ['hash', 64],
        ['words-128', 128],
      ],
    );
    assert.equal(spaces[0]?.recordings, spaces[1]?.recordings);
  });
});
