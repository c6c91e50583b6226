import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { killRandomly } from './random-kills.ts';

it('whoever is killed, at whatever moment of several recordings and files: nothing is lost, nothing is there twice', {
  skip: await fleetMissing(),
}, async () => {
  const seed = Number(process.env.SPEAKR_FAULT_SEED ?? 5);
  const { held } = await killRandomly({
    seed,
    say: () => {},
    live: 3,
    jobs: 3,
    real: 0,
    phrases: 8,
    kills: 5,
    awayMs: 1000,
  });
  assert.match(held, /^6 recordings/);
});
