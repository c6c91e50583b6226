import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { until } from '../../scripts/until.ts';
import { ownNats } from '../fixtures/own-nats.ts';
import { finishMessage, phrases, startMessage } from '../fixtures/test-app.ts';
import { type Fleet, type FleetProcess, fleetMissing, testFleet } from '../fixtures/test-fleet.ts';

const missing = await fleetMissing();
const rest = ['nlp', 'embedder', 'notes', 'archiver', 'admin'] as const;
const PHRASES = 3;

/** Records through the socket, and waits for what becomes of it. */
async function record(fleet: Fleet, gateway: FleetProcess, more: object = {}) {
  const start = { ...startMessage(), ...more };
  const pcm = phrases(PHRASES);
  const session = await gateway.connect('alex');
  session.send(start);
  await session.next('ready');
  session.audio(pcm);
  await session.next('final');
  session.send(finishMessage(pcm.length));
  await session.next('finished');
  await until('the audio is archived', async () => {
    for await (const { key } of fleet.storage.list('audio/'))
      if (key.includes(start.recordingId)) return true;
    return false;
  });
  return { recordingId: start.recordingId, seconds: pcm.length / 16_000 };
}

/** What is stored can be seen a moment before whoever stored it counts it. */
async function settles(check: () => Promise<void>): Promise<void> {
  for (let tries = 1; tries < 100; tries += 1) {
    try {
      return await check();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await check();
}

const operations = async ({ app }: FleetProcess, path: string) => {
  const response = await fetch(`http://127.0.0.1:${app.operationsPort}${path}`);
  return { status: response.status, text: await response.text() };
};

/** Value of a line of metrics; the sum where several lines fit. */
function metricValue(text: string, metric: string, labels: Readonly<Record<string, string>> = {}): number {
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter((line) => Object.entries(labels).every(([name, value]) => line.includes(`${name}="${value}"`)));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly roles: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

/** A collector as OTLP over HTTP in JSON describes it. */
async function startCollector(t: TestContext) {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    assert.equal(request.url, '/v1/traces');
    bodies.push(body);
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
      const roles = resource.attributes.find(({ key }: { key: string }) => key === 'speakr.roles');
      for (const scope of scopeSpans)
        for (const span of scope.spans) spans.push({ ...span, roles: roles.value.stringValue });
    }
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, bodies };
}

describe('those who run a fleet', { skip: missing }, () => {
  it('see what each process does, in numbers, without a word of what was said', async (t) => {
    const fleet = await testFleet(t);
    const env = { SPEAKR_OPERATIONS_PORT: '0' };
    const gateway = await fleet.start(['gateway'], { env });
    const transcriber = await fleet.start(['transcriber'], { env });
    const others = await fleet.start(rest, { env });
    const { recordingId, seconds } = await record(fleet, gateway);
    assert.equal((await gateway.request('alex', `/v1/recordings/${recordingId}`)).status, 200);
    assert.equal((await gateway.request('maria', `/v1/recordings/${recordingId}`)).status, 404);
    const metricsOf = async (of: FleetProcess) => (await operations(of, '/metrics')).text;

    await settles(async () => {
      const atGateway = await metricsOf(gateway);
      const received = metricValue(atGateway, 'speakr_audio_received_seconds_total');
      assert.ok(Math.abs(received - seconds) < 0.001, `${received} of ${seconds} s`);
      assert.ok(metricValue(atGateway, 'speakr_audio_ack_seconds_count') > 0);
      const route = { method: 'GET', route: '/v1/recordings/:recording' };
      for (const status of ['200', '404'])
        assert.equal(
          metricValue(atGateway, 'speakr_http_request_duration_seconds_count', { ...route, status }),
          1,
          status,
        );
      assert.equal(metricValue(atGateway, 'speakr_live_sessions'), 0);
      assert.ok(metricValue(atGateway, 'nodejs_eventloop_lag_p99_seconds') > 0);
      assert.match(atGateway, /^speakr_info\{version="0\.1\.0",roles="gateway"\} 1$/m);
      assert.ok(!atGateway.includes(recordingId), 'an id is a label');
    });
    const done = { outcome: 'done' };
    const deliveries = (text: string, consumer: string) =>
      metricValue(text, 'speakr_deliveries_total', { consumer, ...done });
    await settles(async () => {
      const text = await metricsOf(transcriber);
      assert.equal(deliveries(text, 'transcriber'), 1);
      assert.ok(metricValue(text, 'speakr_decode_seconds_count') >= PHRASES);
      assert.ok(metricValue(text, 'speakr_decoded_audio_seconds_total') > 1);
      assert.equal(metricValue(text, 'speakr_live_transcriptions'), 0, 'it has ended');
    });
    await settles(async () => {
      const text = await metricsOf(others);
      assert.equal(deliveries(text, 'notes'), 1);
      assert.ok(metricValue(text, 'speakr_storage_seconds_count', { operation: 'create', ...done }) >= 1);
      assert.ok(metricValue(text, 'speakr_embedded_texts_total') > 0);
      assert.match(text, /^speakr_dead_letters\{consumer="notes"\} 0$/m);
      assert.match(text, /^speakr_queue_messages\{consumer="transcriber",state="waiting"\} 0$/m);
      assert.match(text, /^speakr_outbox_messages 0$/m);
    });
  });

  it('see which process can do its work: a broker that is away makes it unready, not dead', async (t) => {
    const nats = await ownNats();
    t.after(() => nats.stop());
    const fleet = await testFleet(t, { natsUrl: nats.url });
    const archiver = await fleet.start(['archiver'], { env: { SPEAKR_OPERATIONS_PORT: '0' } });
    const ready = async () => {
      const { status, text } = await operations(archiver, '/ready');
      return { status, ...JSON.parse(text).checks };
    };
    assert.deepEqual(await ready(), { status: 200, database: 'ok', broker: 'ok', storage: 'ok' });
    await nats.kill('SIGKILL');
    assert.deepEqual(await ready(), { status: 503, database: 'ok', broker: 'failed', storage: 'ok' });
    assert.equal((await operations(archiver, '/health')).status, 200);
    assert.equal((await operations(archiver, '/metrics')).status, 200);
    await nats.start();
    await until('it is ready', async () => (await ready()).status === 200);
  });

  it('follow one recording from the client to its notes as one trace', async (t) => {
    const collector = await startCollector(t);
    const fleet = await testFleet(t);
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const gateway = await fleet.start(['gateway'], { env });
    const processes = [
      gateway,
      await fleet.start(['transcriber'], { env }),
      await fleet.start(rest, { env }),
    ];
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const client = 'b7ad6b7169203331';
    const { recordingId } = await record(fleet, gateway, { traceparent: `00-${traceId}-${client}-01` });
    await gateway.request('alex', `/v1/recordings/${recordingId}/notes`, {
      headers: { traceparent: `00-${traceId}-${client}-01` },
    });
    for (const { app } of processes) await app.close();

    const mine = collector.spans.filter((span) => span.traceId === traceId);
    const ids = new Set(mine.map(({ spanId }) => spanId));
    for (const { name, parentSpanId } of mine)
      assert.ok(parentSpanId === client || ids.has(parentSpanId ?? ''), `${name} hangs in the air`);
    const rolesOf = (name: string) => [
      ...new Set(mine.filter((span) => span.name === name).map(({ roles }) => roles)),
    ];
    const others = rest.join(',');
    assert.deepEqual(rolesOf('live session'), ['gateway']);
    assert.deepEqual(rolesOf('audio append'), ['gateway']);
    assert.deepEqual(rolesOf('GET /v1/recordings/:recording/notes'), ['gateway']);
    assert.deepEqual(rolesOf('process transcription.run.v1'), ['transcriber']);
    assert.deepEqual(rolesOf('decode'), ['transcriber']);
    assert.deepEqual(rolesOf('process transcription.completed.v1'), [others]);
    assert.deepEqual(rolesOf('storage create'), [others]);
    assert.deepEqual(rolesOf('embed'), [others]);
    assert.deepEqual(rolesOf('store write').sort(), [others, 'gateway', 'transcriber'].sort());
    assert.equal(mine.filter(({ name }) => name === 'live session').length, 1);
    // One chunk in many is followed.
    assert.ok(mine.filter(({ name }) => name === 'audio append').length < 10);
    assert.ok(
      mine.every(
        ({ startTimeUnixNano, endTimeUnixNano }) => BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano),
      ),
    );
    assert.ok(!collector.bodies.some((body) => /March/.test(body)), 'speech is in a span');
  });
});
