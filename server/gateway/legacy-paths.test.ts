import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { Clock } from '../clock.ts';
import { legacyPathsDays, legacyPathsSuite } from '../fixtures/legacy-paths-suite.ts';
import { testApp } from '../fixtures/test-app.ts';
import { type Method, testGateway } from '../fixtures/test-gateway.ts';
import { instrumentsOff } from '../observability/instruments.ts';
import { type Metrics, noMetrics } from '../observability/metrics.ts';

const untilMs = Date.UTC(2027, 5, 1);
let now = untilMs - 1;
let counted: unknown[] = [];
const clock: Clock = { now: () => now, monotonic: () => performance.now() };
const metrics: Metrics = { ...noMetrics, count: (name, labels) => void counted.push([name, labels]) };
const { ask, close } = await testGateway({
  clock,
  legacyPathsUntilMs: untilMs,
  instruments: { ...instrumentsOff, metrics },
});
after(close);
beforeEach(() => {
  now = untilMs - 1;
  counted = [];
});

const legacy: readonly [Method, string, 301 | 308, string][] = [
  ['GET', '/jobs', 301, 'jobs'],
  ['GET', '/jobs?state=failed&limit=5', 301, 'jobs'],
  ['HEAD', '/jobs/0199f3a1', 301, 'jobs'],
  ['POST', '/jobs/last/retry', 308, 'jobs'],
  ['DELETE', '/jobs/last', 308, 'jobs'],
  ['POST', '/uploads/init', 308, 'uploads'],
];
for (const [method, url, status, what] of legacy)
  test(`${method} ${url} leads to the path with a version, says since when and until when, and is counted`, async () => {
    const body = method === 'POST' ? { name: 'talk.m4a' } : undefined;
    const { headers, ...answer } = await ask('ada', method, url, body);
    assert.equal(answer.status, status);
    assert.equal(headers.location, `/v1${url}`);
    assert.equal(headers.deprecation, '@1795824000');
    assert.equal(headers.sunset, 'Tue, 01 Jun 2027 00:00:00 GMT');
    assert.equal(headers.link, `</v1${url}>; rel="successor-version"`);
    const labels = { what, outcome: 'redirected' };
    assert.deepEqual(
      counted.filter((entry) => String((entry as string[])[0]).includes('deprecated')),
      [['speakr_deprecated_requests_total', labels]],
    );
  });

test('from its end on it is gone, and the answer still says where it is now', async () => {
  now = untilMs;
  for (const [method, url] of legacy) {
    const { headers, ...answer } = await ask('ada', method, url);
    assert.equal(answer.status, 410, url);
    if (method !== 'HEAD') assert.equal(answer.json().code, 'gone');
    assert.equal(headers.location, undefined);
    assert.equal(headers.link, `</v1${url}>; rel="successor-version"`);
  }
});

test('strangers are told nothing, and no path leads away from the server', async () => {
  assert.equal((await ask('nobody', 'GET', '/jobs')).status, 401);
  for (const url of ['/jobs//evil.test', '/jobs/%2f%2fevil.test', '/jobs/@evil.test'])
    assert.match(String((await ask('ada', 'GET', url)).headers.location), /^\/v1\/jobs\//, url);
});

test('what begins like it is something else', async () => {
  for (const url of ['/jobsx', '/uploads', '/uploads/0199f3a1'])
    assert.equal((await ask('ada', 'GET', url)).status, 404, url);
});

test('an embedded server leads on until the day it was given, and ends it on that day', async (t) => {
  const until = async (legacyPathsUntil: string) =>
    (await testApp(t, { values: { legacyPathsUntil } })).request;
  await legacyPathsSuite(await until(legacyPathsDays.toCome), await until(legacyPathsDays.over));
});
