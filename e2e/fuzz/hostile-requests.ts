import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { type Route, type RouteName, routes } from '@speakr/contracts/api';
import { Problem } from '@speakr/contracts/problem';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import { type JsonSchema, namedSchemas, schemaOf } from '../../scripts/contracts/json-schema.ts';
import type { Finding, ScenarioOptions } from '../faults/finding.ts';
import { type Chance, chanceOf } from '../faults/random.ts';
import { type Besieged, besieged, json, SECRET } from './besieged.ts';
import { hostileValue, pick, schemaValues } from './schema-values.ts';

export interface HostileRequestsOptions extends ScenarioOptions {
  readonly requests: number;
}

/** Requests at once. */
const TOGETHER = 8;
/** After so many requests alex gets new things, as the old ones may be gone. */
const REFILL_EVERY = 200;
/** What the gateway may keep more at the end than at the beginning, bytes: caches have bounds, leaks have none. */
const MOST_GROWTH_BYTES = 48 * 1024 * 1024;

interface Sent {
  readonly name: RouteName;
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | undefined;
}
interface Got {
  readonly status: number;
  readonly type: string;
  readonly requestId: string;
  readonly text: string;
}

const names = Object.keys(routes) as RouteName[];
const components = namedSchemas();
const converted = new Map<z.ZodType, JsonSchema>();

/** Converted once: it takes longer than the request. */
function jsonOf(schema: z.ZodType): JsonSchema {
  const known = converted.get(schema) ?? schemaOf(schema);
  converted.set(schema, known);
  return known;
}

/** Ids that alex uses: of things of alex, of maria, and of nobody. */
async function idsFor({ request, theirs }: Besieged): Promise<(name: string) => readonly string[]> {
  const listed = async <T>(path: string): Promise<T> => (await request('alex', path)).json() as Promise<T>;
  const mine = uuidv7();
  const segments = [{ startMs: 0, endMs: 900, text: 'We launch in March.' }];
  const base = { source: 'x', startedAt: 1, language: 'en', tags: [], template: 'meeting', segments };
  await request('alex', '/v1/recordings', json({ ...base, id: mine }));
  const upload = uuidv7();
  await request('alex', '/v1/uploads/init', json({ id: upload, recordingId: uuidv7(), name: 'x' }));
  const { recordings } = await listed<{ recordings: { id: string }[] }>('/v1/recordings?limit=5');
  const { jobs } = await listed<{ jobs: { id: string }[] }>('/v1/jobs?limit=5');
  const { keys } = await listed<{ keys: { id: string }[] }>('/v1/keys?limit=5');
  const recording = [...recordings.map(({ id }) => id), mine.slice(-6), 'last', theirs, uuidv7()];
  const ids: Record<string, readonly string[]> = {
    recording,
    recordingId: recording,
    upload: [upload, uuidv7()],
    job: [...jobs.map(({ id }) => id), 'last'],
    key: [...keys.map(({ id }) => id), '0000000000000000'],
    user: ['maria', 'alex', 'carol'],
    action: [`${mine}.0`, `${theirs}.0`],
  };
  return (name) => ids[name] ?? [];
}

/** Text as a part of a URL; what cannot be encoded is left out. */
const encoded = (value: unknown) => encodeURIComponent(textOf(value));

/** What was spoilt may have a `toString` that is none. */
const textOf = (value: unknown): string =>
  (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)).toWellFormed();

function headersOf(route: Route, chance: Chance): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    authorization: 'Bearer alex',
    // Wrong tokens are counted by address, and would soon have everything from there refused.
    'x-forwarded-for': `10.${chance.between(0, 255)}.${chance.between(0, 255)}.${chance.between(0, 255)}`,
  };
  const type = route.content?.[0] ?? (route.body === undefined ? undefined : 'application/json');
  if (type !== undefined) headers['content-type'] = type;
  const odd: readonly [string, string][] = [
    ['authorization', pick(chance, ['Bearer', 'Bearer nobody', 'Basic YTpi', `Bearer ${'a'.repeat(9000)}`])],
    ['authorization', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYXJpYSJ9.'],
    ['authorization', 'Bearer speakr_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    [
      'content-type',
      pick(chance, ['text/plain', 'application/x-www-form-urlencoded', 'x', 'multipart/form-data']),
    ],
    ['content-encoding', pick(chance, ['gzip', 'br', 'x'])],
    ['if-match', pick(chance, ['*', '""', '"x"', 'W/"1"', 'a'.repeat(5000), '"1", "2"'])],
    ['idempotency-key', pick(chance, ['k1', 'k2', '', 'a b', 'a'.repeat(300)])],
    ['x-request-id', pick(chance, ['abcdefgh', 'a'.repeat(1000), "'--"])],
    ['traceparent', pick(chance, ['00-', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, 'x'.repeat(3000)])],
    ['range', pick(chance, ['bytes=0-1', 'bytes=9-1', 'x'])],
    ['x-user-id', 'maria'],
    ['x-forwarded-for', pick(chance, ['1.2.3.4', 'x', '::1, ::2'])],
    ['x-http-method-override', 'DELETE'],
    ['origin', pick(chance, ['https://evil.test', 'null'])],
    ['accept', pick(chance, ['text/html', '*/*;q=0', 'x'])],
    ['connection', 'close'],
  ];
  if (chance.next() < 0.3) {
    const [name, value] = pick(chance, odd);
    headers[name] = value;
  }
  return headers;
}

function bodyOf(name: RouteName, value: unknown, chance: Chance): Buffer | undefined {
  const route: Route = routes[name];
  if (route.content !== undefined) return randomBytes(chance.between(0, 20_000));
  if (route.body === undefined)
    return chance.next() < 0.05 ? Buffer.from(JSON.stringify(hostileValue(chance))) : undefined;
  const text = Buffer.from(JSON.stringify(value));
  const choice = chance.next();
  if (choice < 0.85) return text;
  if (choice < 0.9) return text.subarray(0, chance.between(0, text.length));
  return pick(chance, [
    Buffer.of(),
    Buffer.from('null'),
    Buffer.from('[]'),
    Buffer.from('\ufeff{}'),
    Buffer.from('['.repeat(50_000)),
    Buffer.from('{"a":1,"a":2,"__proto__":{"b":1}}'),
    Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
    randomBytes(200),
  ]);
}

/** A request of a route, made from the contract; most have something wrong. */
function requestOf(name: RouteName, known: (name: string) => readonly string[], chance: Chance): Sent {
  const route: Route = routes[name];
  const values = schemaValues(components, known, chance);
  const some = (schema: JsonSchema) => (chance.next() < 0.35 ? values.valid(schema) : values.spoilt(schema));
  const recordOf = (schema: Route['params']): Record<string, unknown> => {
    const made = schema === undefined ? {} : some(jsonOf(schema));
    return typeof made === 'object' && made !== null ? (made as Record<string, unknown>) : { extra: made };
  };
  // Parameters of the path are there more often than not: else little gets past the first check.
  const params =
    chance.next() < 0.7 && route.params ? values.valid(jsonOf(route.params)) : recordOf(route.params);
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
    encoded((params as Record<string, unknown>)[key] ?? hostileValue(chance)).slice(0, 6000),
  );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(recordOf(route.query)).slice(0, 100))
    for (const each of [value].flat().slice(0, 20)) search.append(key, textOf(each).slice(0, 3000));
  const body = bodyOf(name, route.body === undefined ? undefined : some(jsonOf(route.body)), chance);
  return {
    name,
    method:
      chance.next() < 0.03
        ? pick(chance, ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
        : route.method,
    path: search.size === 0 ? path : `${path}?${search}`,
    // Node says it by itself for some methods only.
    headers: { ...headersOf(route, chance), ...(body && { 'content-length': body.length }) },
    body,
  };
}

const send = (url: string, agent: Agent, { method, path, headers, body }: Omit<Sent, 'name'>): Promise<Got> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asked = httpRequest({ hostname, port, agent, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          requestId: String(response.headers['x-request-id'] ?? ''),
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    // A kept connection may end at the moment it is used again; that is nobody's fault.
    asked.on('error', (error: NodeJS.ErrnoException) =>
      asked.reusedSocket && error.code === 'ECONNRESET'
        ? resolve(send(url, agent, { method, path, headers, body }))
        : reject(error),
    );
    asked.end(body);
  });

/** Every answer is one of the contract, and none holds what is maria's. */
function examine(sent: Sent, got: Got): void {
  assert.ok(got.status < 500, 'an answer for a bug');
  assert.ok(!got.text.includes(SECRET), 'something of somebody else');
  assert.doesNotMatch(got.text, /\bat .*\.ts:\d+|\/node_modules\//, 'a stack');
  // Headers that are too large never become a request.
  if (got.status !== 431) assert.notEqual(got.requestId, '');
  if (got.status >= 400) {
    assert.match(got.type, /^application\/problem\+json/);
    const problem = Problem.parse(JSON.parse(got.text));
    assert.equal(problem.status, got.status);
    assert.notEqual(problem.code, 'internal');
    return;
  }
  const { method, response }: Route = routes[sent.name];
  if (method === sent.method && response !== null && 'parse' in response)
    response.parse(JSON.parse(got.text));
}

/**
 * Requests made from the contract, most of them with something wrong, on PostgreSQL and NATS: each gets an answer of the
 * contract, and nothing of another user is told or changed.
 * @throws AssertionError with the request
 */
export async function hostileRequests({ seed, say, requests }: HostileRequestsOptions): Promise<Finding> {
  const chance = chanceOf(seed);
  const place = await besieged();
  const agent = new Agent({ keepAlive: true, maxSockets: TOGETHER });
  const statuses = new Map<number, number>();
  try {
    let known = await idsFor(place);
    let keptAtFirst: number | undefined;
    for (let done = 0; done < requests; ) {
      if (done % REFILL_EVERY === 0) known = await idsFor(place);
      // Made one after the other, so that the seed repeats them.
      const count = Math.min(TOGETHER, requests - done);
      const batch = Array.from({ length: count }, () => requestOf(pick(chance, names), known, chance));
      await Promise.all(
        batch.map(async (sent) => {
          let got: Got | undefined;
          try {
            got = await send(place.gateway.url, agent, sent);
            examine(sent, got);
            statuses.set(got.status, (statuses.get(got.status) ?? 0) + 1);
          } catch (error) {
            const shown = { ...sent, body: sent.body?.toString().slice(0, 2000) };
            const told = { ...got, text: got?.text.slice(0, 1000) };
            throw new Error(
              `${(error as Error).message}\n${JSON.stringify(shown)}\n${JSON.stringify(told)}`,
              {
                cause: error,
              },
            );
          }
        }),
      );
      done += count;
      if (done >= requests / 4) keptAtFirst ??= await place.keptBytes();
      if (done % 5000 < TOGETHER) say(`${done} requests`);
    }
    await place.isWell();
    const grown = (await place.keptBytes()) - (keptAtFirst ?? 0);
    assert.ok(grown < MOST_GROWTH_BYTES, `the gateway keeps ${Math.round(grown / 2 ** 20)} MB more`);
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${times} × ${status}`);
    return {
      fault: `${requests} requests to ${names.length} routes, made from the contract and spoilt`,
      held: `${counts.join(', ')}; none answered for a bug, nothing of another user told or changed, ${Math.round(grown / 2 ** 20)} MB more kept`,
    };
  } finally {
    agent.destroy();
    await place.stop();
  }
}
