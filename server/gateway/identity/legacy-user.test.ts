import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { type Log, silentLog } from '../../observability/log.ts';
import { type Metrics, noMetrics } from '../../observability/metrics.ts';
import { createLegacyUser } from './legacy-user.ts';

const request = (headers: Record<string, string | string[]>) => ({ headers }) as unknown as FastifyRequest;

test('the header names the user; nothing, or what is no id, names nobody', () => {
  const userOf = createLegacyUser({ log: silentLog, metrics: noMetrics });
  assert.equal(userOf(request({ 'x-user-id': 'ada@example.org' })), 'ada@example.org');
  for (const headers of [
    {},
    { 'x-user-id': '' },
    { 'x-user-id': '../bob' },
    { 'x-user-id': 'a'.repeat(201) },
    { 'x-user-id': ['ada', 'bob'] },
  ])
    assert.equal(userOf(request(headers as Record<string, string>)), undefined);
});

test('it is warned of at the start, and again while it is used; each use is counted', () => {
  let counted = 0;
  const metrics: Metrics = { ...noMetrics, count: () => void counted++ };
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (_fields, message) => void warnings.push(message) };
  const userOf = createLegacyUser({ log, metrics });
  assert.match(warnings[0]!, /without proof/);
  for (let count = 0; count < 1001; count++) userOf(request({ 'x-user-id': 'ada' }));
  assert.equal(warnings.length, 3);
  assert.equal(counted, 1001);
  userOf(request({}));
  assert.equal(counted, 1001);
});
