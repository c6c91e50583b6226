import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLevel } from './log.ts';
import { startOperationsServer } from './operations-server.ts';
import { createPrometheus } from './prometheus.ts';
import { type Check, createReadinessProbe } from './readiness.ts';

async function serverWith(checks: Record<string, Check>, timeoutMs = 2000) {
  const readiness = createReadinessProbe(checks, timeoutMs);
  const logLevel: { level: LogLevel } = { level: 'info' };
  const metrics = createPrometheus();
  const server = await startOperationsServer({
    host: '127.0.0.1',
    port: 0,
    version: '1.2.3',
    roles: ['notes'],
    readiness,
    metrics,
    logLevel,
  });
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  return { ...server, readiness, logLevel, metrics, ask };
}

test('it is well as long as it answers, and ready when all that it needs answers', async (t) => {
  let database: 'there' | 'away' | 'silent' = 'there';
  const server = await serverWith(
    {
      broker: async () => {},
      database: async () => {
        if (database === 'away') throw new Error('no connection to 10.0.0.1');
        if (database === 'silent') await new Promise(() => {});
      },
    },
    50,
  );
  t.after(server.close);
  const ready = async () => {
    const { status, text } = await server.ask('/ready');
    return [status, JSON.parse(text)];
  };
  assert.deepEqual(await server.ask('/health'), {
    status: 200,
    text: '{"status":"ok","version":"1.2.3","roles":["notes"]}\n',
  });
  const well = { broker: 'ok', database: 'ok' };
  assert.deepEqual(await ready(), [200, { ready: true, checks: well, draining: false }]);
  for (const state of ['away', 'silent'] as const) {
    database = state;
    const checks = { broker: 'ok', database: 'failed' };
    assert.deepEqual(await ready(), [503, { ready: false, checks, draining: false }]);
    assert.equal((await server.ask('/health')).status, 200);
  }
  database = 'there';
  assert.equal((await ready())[0], 200);
  server.readiness.drain();
  assert.deepEqual(await ready(), [503, { ready: false, checks: well, draining: true }]);
});

test('metrics are what was counted and what is asked for; what cannot be asked is left out', async (t) => {
  const server = await serverWith({});
  t.after(server.close);
  const { metrics } = server;
  metrics.count('speakr_audio_received_seconds_total', {}, 1.5);
  metrics.observe('speakr_decode_seconds', { priority: 'final' }, 0.3);
  let away = false;
  metrics.collect('speakr_dead_letters', async () => {
    if (away) throw new Error('the broker is away');
    return [{ labels: { consumer: 'notes' }, value: 2 }];
  });
  metrics.collect('speakr_sockets', async () => {
    if (away) throw new Error('gone');
    return [{ labels: {}, value: 3 }];
  });
  const { text } = await server.ask('/metrics');
  for (const line of [
    'speakr_audio_received_seconds_total 1.5',
    'speakr_decode_seconds_bucket{le="0.25",priority="final"} 0',
    'speakr_decode_seconds_bucket{le="0.5",priority="final"} 1',
    'speakr_dead_letters{consumer="notes"} 2',
    'speakr_sockets 3',
  ])
    assert.ok(text.split('\n').includes(line), `${line} is missing in:\n${text}`);
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds \d/m);
  assert.match(text, /^process_resident_memory_bytes \d/m);
  away = true;
  const without = (await server.ask('/metrics')).text;
  assert.doesNotMatch(without, /^speakr_dead_letters\{/m);
  assert.doesNotMatch(without, /^speakr_sockets \d/m);
});

test('the level of the log is changed there, and only to one there is', async (t) => {
  const server = await serverWith({});
  t.after(server.close);
  const put = (body: string) => server.ask('/log-level', { method: 'PUT', body });
  assert.deepEqual(await server.ask('/log-level'), { status: 200, text: '{"level":"info"}\n' });
  assert.equal((await put('{"level":"debug"}')).status, 200);
  assert.equal(server.logLevel.level, 'debug');
  for (const wrong of ['', '{"level":"loud"}', `{"level":"${'x'.repeat(5000)}"}`])
    assert.equal((await put(wrong)).status, 400);
  assert.equal(server.logLevel.level, 'debug');
  assert.equal((await server.ask('/elsewhere')).status, 404);
  assert.equal((await server.ask('/health', { method: 'POST' })).status, 404);
});

test('a port that is taken is named', async (t) => {
  const server = await serverWith({});
  t.after(server.close);
  const again = startOperationsServer({
    host: '127.0.0.1',
    port: server.port,
    version: '1.2.3',
    roles: [],
    readiness: server.readiness,
    metrics: server.metrics,
    logLevel: server.logLevel,
  });
  await assert.rejects(again, { code: 'port_taken' });
});
