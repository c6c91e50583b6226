import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { v7 as uuidv7 } from 'uuid';
import { answer } from '../../scripts/until.ts';
import { type Clock, systemClock } from '../clock.ts';
import { testApp } from '../fixtures/test-app.ts';
import { fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';
import type { App } from '../server.ts';

/** A clock on which that much more time has passed. */
const laterBy = (ms: number): Clock => ({ ...systemClock, now: () => systemClock.now() + ms });
const HOUR_MS = 60 * 60_000;

/** Makes a recording under an `Idempotency-Key`, and never again. */
async function askOnce(request: (path: string, init: RequestInit) => Promise<Response>): Promise<void> {
  const response = await request('/v1/recordings', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'only-once' },
    body: JSON.stringify({
      id: uuidv7(),
      source: 'talk.wav',
      startedAt: 1,
      language: 'en',
      tags: [],
      template: 'meeting',
      segments: [],
    }),
  });
  assert.equal(response.status, 201, await response.text());
}

/** What holds of kept answers, whatever the profile. */
async function forgotten(
  owners: () => Promise<string[]>,
  housekeep: (clock: Clock) => Promise<Pick<App, 'close'>>,
  expected: readonly string[],
): Promise<void> {
  assert.deepEqual(await owners(), expected);
  // At its end it waits for what it does.
  await (await housekeep(laterBy(23 * HOUR_MS))).close();
  assert.deepEqual(await owners(), expected);
  await housekeep(laterBy(25 * HOUR_MS));
  await answer('the answers are gone', owners, (left) => left.length === 0);
}

test('answers to requests with a key are gone after a day, also of somebody who never asks again', async (t) => {
  const app = await testApp(t);
  await askOnce(app.request);
  const database = new DatabaseSync(join(app.dataDir, 'speakr.db'), { readOnly: true });
  t.after(() => database.close());
  await forgotten(
    async () =>
      database
        .prepare('select user_id from kept_replies')
        .all()
        .map(({ user_id }) => String(user_id)),
    (clock) => testApp(t, { dataDir: app.dataDir, roles: ['admin'], clock }),
    ['local'],
  );
});

test('the same of everybody on a server for many', { skip: await fleetMissing() }, async (t) => {
  const fleet = await testFleet(t);
  const gateway = await fleet.start(['gateway']);
  for (const user of ['alex', 'maria']) await askOnce((path, init) => gateway.request(user, path, init));
  await forgotten(
    async () =>
      (await rowsOf(fleet, 'select user_id from speakr.kept_replies order by 1')).map(({ user_id }) =>
        String(user_id),
      ),
    async (clock) => (await fleet.start(['admin'], { clock })).app,
    ['alex', 'maria'],
  );
});
