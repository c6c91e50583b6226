import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Route, routes } from '@speakr/contracts/api';
import Fastify from 'fastify';
import { silentLog } from '../observability/log.ts';
import { registerApiRoutes } from './api-routes.ts';
import type { Handlers } from './handler.ts';
import { everything } from './identity/authenticate.ts';

/** A gateway with a call that is deprecated, and one that is not. */
function withDeprecated(t: TestContext, since: string, sunset: string) {
  const http = Fastify();
  t.after(() => http.close());
  const deprecated = { since, sunset, instead: 'GET /v2/identity' };
  const contract: Record<string, Route> = {
    getIdentity: { ...routes.getIdentity, deprecated },
    getStatus: routes.getStatus,
  };
  const answer = async () => ({ user: 'ada' });
  const handlers = { getIdentity: answer, getStatus: answer } as unknown as Handlers;
  registerApiRoutes(
    http,
    handlers,
    undefined as never,
    () => everything('ada', 'token'),
    async () => {},
    silentLog,
    contract,
  );
  return http;
}

test('a deprecated call works as before, and says since when and until when', async (t) => {
  const http = withDeprecated(t, '2027-01-15', '2027-05-01');
  const old = await http.inject('/v1/identity');
  assert.deepEqual([old.statusCode, old.json()], [200, { user: 'ada' }]);
  const { deprecation, sunset, link } = old.headers;
  assert.deepEqual(
    [deprecation, sunset],
    [`@${Date.UTC(2027, 0, 15) / 1000}`, 'Sat, 01 May 2027 00:00:00 GMT'],
  );
  assert.match(String(link), /rel="deprecation"/);
  const other = await http.inject('/v1/status');
  assert.deepEqual([other.headers.deprecation, other.headers.sunset], [undefined, undefined]);
});

test('after its last day it works until somebody removes it, and says that the day is over', async (t) => {
  const old = await withDeprecated(t, '2020-01-15', '2020-05-01').inject('/v1/identity');
  assert.deepEqual([old.statusCode, old.json()], [200, { user: 'ada' }]);
  assert.equal(old.headers.sunset, 'Fri, 01 May 2020 00:00:00 GMT');
});
