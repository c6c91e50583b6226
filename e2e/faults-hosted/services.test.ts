import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Server } from '../../scripts/services/s3.ts';
import { ownPostgres } from '../../server/fixtures/own-postgres.ts';
import { ownS3 } from '../../server/fixtures/own-s3.ts';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { chanceOf } from '../faults/random.ts';
import { type Stage, startStage } from './stage.ts';

// What the fleet stands on dies under it. The seed repeats the moments; `npm run soak` is longer, and mixes them.

const missing = await fleetMissing();
const chance = chanceOf(Number(process.env.SPEAKR_FAULT_SEED ?? 1));
const AWAY_MS = Number(process.env.SPEAKR_AWAY_MS ?? 3000);

describe('a fleet loses nothing when', { skip: missing }, () => {
  let stage: Stage;
  let postgres: Awaited<ReturnType<typeof ownPostgres>>;
  let s3: S3Server;
  before(async () => {
    [postgres, s3] = await Promise.all([ownPostgres(), ownS3()]);
    stage = await startStage({ postgresUrl: postgres.url, s3Endpoint: s3.url });
    await Promise.all(
      ['gateway', 'transcriber', 'nlp,embedder,notes,archiver,admin'].map((roles) => stage.spawn(roles)),
    );
  });
  after(async () => {
    await stage?.stop();
    await postgres?.stop();
    await s3?.stop();
  });

  const survives = (title: string, fault: () => Promise<void>, faultAt = () => 0.2 + 0.6 * chance.next()) =>
    it(title, async () => {
      const recorded = await stage.record({ recordings: 3, phrases: 5, jobs: 1, faultAt: faultAt(), fault });
      await stage.check(recorded);
    });

  survives('the database is killed and comes back', async () => {
    await postgres.kill('SIGKILL');
    await postgres.start();
  });

  survives('the database is away for a while', async () => {
    await postgres.kill('SIGINT');
    await sleep(AWAY_MS);
    await postgres.start();
  });

  survives(
    'the storage is killed while recordings are archived',
    async () => {
      await s3.kill('SIGKILL');
      await sleep(AWAY_MS);
      await s3.start();
    },
    () => 1,
  );

  survives('database, broker and storage die in one moment', async () => {
    await Promise.all([postgres, stage.nats, s3].map((each) => each.kill('SIGKILL')));
    await Promise.all([postgres, stage.nats, s3].map((each) => each.start()));
  });
});
