import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { createOpenTelemetry } from './open-telemetry.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

interface Collected {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { key: string; value: { stringValue?: string } }[];
  readonly status: { code?: number };
}

async function collector(t: TestContext) {
  const spans: Collected[] = [];
  let bodies = '';
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    bodies += body;
    for (const { scopeSpans } of JSON.parse(body).resourceSpans)
      for (const scope of scopeSpans) spans.push(...scope.spans);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const open = (sampled = 1) => createOpenTelemetry({ endpoint, version: '1', roles: ['notes'], sampled });
  return { open, spans, all: () => bodies };
}

test('spans belong to the one that runs, also over waiting, and to the one elsewhere that asked', async (t) => {
  const { open, spans } = await collector(t);
  const tracing = open();
  let told: string | undefined;
  assert.equal(tracing.traceparent(), undefined);
  await tracing.span('outer', { parent: `00-${TRACE}-${PARENT}-01` }, async () => {
    await new Promise(setImmediate);
    await Promise.all([tracing.span('one', {}, async () => {}), tracing.span('two', {}, async () => {})]);
    tracing.record('elsewhere', Date.now() - 5, Date.now());
    told = tracing.traceparent();
  });
  await tracing.close();
  const id = (name: string) => spans.find((span) => span.name === name)?.spanId;
  assert.deepEqual(spans.map(({ name, parentSpanId }) => [name, parentSpanId]).sort(), [
    ['elsewhere', id('outer')],
    ['one', id('outer')],
    ['outer', PARENT],
    ['two', id('outer')],
  ]);
  assert.ok(spans.every(({ traceId }) => traceId === TRACE));
  assert.equal(told, `00-${TRACE}-${id('outer')}-01`);
});

test('what is no trace context begins a trace of its own; what shall not be kept is not', async (t) => {
  const { open, spans } = await collector(t);
  const tracing = open();
  const wrong = [
    '',
    'speakr',
    `00-${TRACE}-${PARENT}`,
    `ff-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
  ];
  for (const parent of wrong) await tracing.span('own', { parent }, async () => {});
  await tracing.span('left out', { parent: `00-${TRACE}-${PARENT}-00` }, async () => {});
  await tracing.close();
  assert.deepEqual(new Set(spans.map(({ name }) => name)), new Set(['own']));
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, wrong.length);
  const none = open(0);
  await none.span('never', { parent: `00-${TRACE}-${PARENT}-01` }, async () => {});
  await none.close();
  assert.ok(!spans.some(({ name }) => name === 'never'));
});

test('a span that fails says with which code, never with what words', async (t) => {
  const { open, spans, all } = await collector(t);
  const tracing = open();
  const failing = (error: Error) => tracing.span('fails', {}, () => Promise.reject(error));
  await assert.rejects(failing(new SpeakrError('not_found', 'the secret title')), { code: 'not_found' });
  await assert.rejects(failing(new RangeError('what was said')), RangeError);
  await tracing.close();
  const types = spans.map(
    ({ attributes }) => attributes.find(({ key }) => key === 'error.type')?.value.stringValue,
  );
  assert.deepEqual(types, ['not_found', 'RangeError']);
  assert.ok(spans.every(({ status }) => status.code === 2));
  assert.doesNotMatch(all(), /secret|said/);
});

test('a collector that is away costs the spans, nothing else', async () => {
  const endpoint = 'http://127.0.0.1:9';
  const tracing = createOpenTelemetry({ endpoint, version: '1', roles: [], sampled: 1 });
  assert.equal(await tracing.span('lost', {}, async () => 7), 7);
  await tracing.close();
});
