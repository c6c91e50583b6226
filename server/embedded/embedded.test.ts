import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { until } from '../../scripts/until.ts';
import { loadServerConfig } from '../config.ts';
import { hashEmbedder } from '../embedder/hash-embedder.ts';
import {
  finishMessage,
  openSocket,
  phrases,
  startMessage,
  type TestSocket,
  temporaryDirectory,
} from '../fixtures/test-app.ts';
import { silentLog } from '../observability/log.ts';
import { levelVoiceActivity } from '../transcriber/level-voice-activity.ts';
import { type EnsureServerOptions, ensureServer, findServer, type RunningServer } from './ensure-server.ts';
import { runServer } from './run-server.ts';
import { readRuntimeFile, writeRuntimeFile } from './runtime-file.ts';
import { takeServerLock } from './server-lock.ts';
import { readStartError } from './start-error.ts';

const fixture = join(import.meta.dirname, 'fixtures', 'server-process.ts');
const withCode = (code: string) => (error: unknown) => error instanceof SpeakrError && error.code === code;

async function setUp(t: TestContext) {
  const dataDir = await temporaryDirectory(t);
  const runtimeDir = join(dataDir, 'run');
  const children: ChildProcess[] = [];
  t.after(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  const start = ({ version = '1.0.0', idleExitMs = 60_000, trouble = '' } = {}) => {
    const child = spawn(process.execPath, [fixture, dataDir, version, String(idleExitMs), trouble], {
      stdio: 'inherit',
      // Killed in the middle of writing its coverage it would leave a file that nobody can read.
      env: { ...process.env, NODE_V8_COVERAGE: '' },
    });
    children.push(child);
    return child;
  };
  const ensure = (process = {}, options: Partial<EnsureServerOptions> = {}) =>
    ensureServer({ runtimeDir, version: '1.0.0', spawn: () => start(process), ...options });
  const connect = async ({ url, token }: RunningServer): Promise<TestSocket> =>
    openSocket(`${url.replace('http', 'ws')}/ws/transcribe`, token);
  return { dataDir, runtimeDir, children, start, ensure, connect };
}

test('a server is started when none runs, and found when one does', async (t) => {
  const { runtimeDir, children, ensure } = await setUp(t);
  assert.equal(await findServer(runtimeDir), undefined);
  const first = await ensure();
  const second = await ensure();
  assert.deepEqual(second, first);
  assert.equal(children.length, 1);
  assert.deepEqual(await findServer(runtimeDir), first);
  if (process.platform !== 'win32') {
    assert.equal((await stat(join(runtimeDir, 'server.json'))).mode & 0o777, 0o600);
    assert.equal((await stat(runtimeDir)).mode & 0o077, 0);
  }
  const { pid } = (await readRuntimeFile(runtimeDir))!;
  assert.equal(pid, children[0]!.pid);
});

test('whoever races for a server gets the same one', async (t) => {
  const { ensure, children } = await setUp(t);
  const servers = await Promise.all(Array.from({ length: 4 }, () => ensure({ trouble: 'slow' })));
  for (const server of servers) assert.deepEqual(server, servers[0]);
  await until('one is left', () => children.filter(({ exitCode }) => exitCode === null).length === 1);
  assert.deepEqual(await ensure(), servers[0], 'those that lost have not harmed it');
});

for (const [what, content] of Object.entries({
  'half-written': '{"pid": 12, "port"',
  empty: '',
  'that says something else': '{"pid":"many"}',
  'of a server that was killed': JSON.stringify({
    pid: 1,
    host: '127.0.0.1',
    port: 9,
    token: 'old',
    version: '1.0.0',
    startedAt: 1,
  }),
}))
  test(`a runtime file ${what} does not matter`, async (t) => {
    const { runtimeDir, ensure } = await setUp(t);
    await mkdir(runtimeDir);
    await writeFile(join(runtimeDir, 'server.json'), content);
    assert.equal(await findServer(runtimeDir), undefined);
    await ensure();
  });

test('a port that now belongs to another program is not taken for the server, and nobody is killed', async (t) => {
  const { runtimeDir, ensure, children } = await setUp(t);
  const stranger = createServer((_, response) => response.end('{"hello":"world"}')).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  t.after(() => stranger.close());
  const { port } = stranger.address() as { port: number };
  // Our own process id: were it trusted, this test would end here.
  const info = { pid: process.pid, host: '127.0.0.1', port, token: 'old', version: '0.9.0', startedAt: 1 };
  await writeRuntimeFile(runtimeDir, info);
  const server = await ensure();
  assert.notEqual(new URL(server.url).port, String(port));
  assert.equal(children.length, 1);
});

test('a killed server leaves nothing that keeps the next one from starting', async (t) => {
  const { ensure, children, connect } = await setUp(t);
  const first = await ensure();
  const pcm = phrases(2);
  const start = startMessage();
  const before = await connect(first);
  before.send(start);
  await before.next('ready');
  before.audio(pcm.subarray(0, 40_000));
  await before.next('ack', ({ samples }) => samples === 40_000);
  children[0]!.kill('SIGKILL');
  await before.closed;

  const second = await ensure();
  assert.notEqual(second.token, first.token);
  const after = await connect(second);
  after.send(start);
  assert.equal((await after.next('ready')).resumeFrom[0]?.sample, 40_000);
  after.audio(pcm.subarray(40_000), 40_000);
  after.send(finishMessage(pcm.length));
  const { receipt } = await after.next('finished');
  assert.equal(receipt.transcribedMs, pcm.length / 16);
});

test('an idle server ends by itself, one with a client stays', async (t) => {
  const { runtimeDir, ensure, children, connect } = await setUp(t);
  const server = await ensure({ idleExitMs: 1500 });
  const session = await connect(server);
  session.send(startMessage());
  await session.next('ready');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  assert.equal(children[0]!.exitCode, null);
  session.send({ type: 'cancel' });
  await session.closed;
  await once(children[0]!, 'exit');
  assert.equal(children[0]!.exitCode, 0);
  assert.equal(await readRuntimeFile(runtimeDir), undefined);
});

test('a recording whose client vanished does not keep the server', async (t) => {
  const { ensure, children, connect } = await setUp(t);
  const session = await connect(await ensure({ idleExitMs: 1500 }));
  session.send(startMessage());
  await session.next('ready');
  session.socket.terminate();
  await once(children[0]!, 'exit');
  assert.equal(children[0]!.exitCode, 0);
});

test('a server that is told to end does so, and says goodbye to its clients', async (t) => {
  const { ensure, children, connect, runtimeDir } = await setUp(t);
  const session = await connect(await ensure());
  session.send(startMessage());
  await session.next('ready');
  children[0]!.kill('SIGTERM');
  if (process.platform !== 'win32') assert.equal(await session.closed, 1012);
  await once(children[0]!, 'exit');
  assert.equal(await readRuntimeFile(runtimeDir), undefined);
});

test('an idle server of another version is replaced; one at work is used', async (t) => {
  const { ensure, connect, children, runtimeDir } = await setUp(t);
  const old = await ensure({ version: '0.9.0' }, { version: '0.9.0' });
  const session = await connect(old);
  const start = startMessage();
  session.send(start);
  await session.next('ready');
  assert.deepEqual(await ensure(), old);
  const pcm = phrases(1);
  session.audio(pcm);
  session.send(finishMessage(pcm.length));
  await session.next('finished');
  const fresh = await until('another server runs', async () => (await ensure()).token !== old.token).then(
    () => ensure(),
  );
  assert.notEqual(fresh.token, old.token);
  assert.equal((await readRuntimeFile(runtimeDir))?.version, '1.0.0');
  await until('the old one has ended', () => children[0]!.exitCode !== null);
});

test('why a server cannot start is told to whoever wanted it', async (t) => {
  const { dataDir, ensure, start } = await setUp(t);
  await writeFile(
    join(dataDir, 'speakr.db'),
    'this is no database at all, however long one looks at it'.repeat(100),
  );
  await assert.rejects(ensure(), withCode('database_corrupt'));
  const log = await readFile(join(dataDir, 'run', 'server.log'), 'utf8');
  assert.match(log, /"level":"error"/);
  const child = start();
  await once(child, 'exit');
  assert.equal(child.exitCode, 1);
});

test('a server that does not come up ends in a clear error', async (t) => {
  const { ensure } = await setUp(t);
  await assert.rejects(ensure({ trouble: 'dies' }, { patienceMs: 1000 }), withCode('unreachable'));
  await assert.rejects(ensure({}, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('there is one place for a server in a data directory', async (t) => {
  const { runtimeDir } = await setUp(t);
  const release = takeServerLock(runtimeDir);
  assert.ok(release);
  assert.equal(takeServerLock(runtimeDir), undefined);
  release();
  const again = takeServerLock(runtimeDir);
  assert.ok(again);
  again();
});

test('in the foreground the server runs until it is told to end, and there is no second one', async (t) => {
  const { dataDir, runtimeDir } = await setUp(t);
  const { settings } = loadServerConfig({ env: {}, values: { dataDir, modelsDir: join(dataDir, 'models') } });
  const leaving = new AbortController();
  const { promise: ready, resolve: onReady } = Promise.withResolvers<RunningServer>();
  const options = {
    settings,
    version: '1.0.0',
    log: silentLog,
    mode: 'foreground' as const,
    signal: leaving.signal,
    onReady,
    parts: { voiceActivity: levelVoiceActivity(), embedder: hashEmbedder() },
  };
  const running = runServer(options);
  const address = await ready;
  assert.deepEqual(await findServer(runtimeDir), address);
  await assert.rejects(runServer(options), withCode('conflict'));
  assert.equal(await runServer({ ...options, mode: 'background' }), false);
  leaving.abort();
  assert.equal(await running, true);
  assert.equal(await findServer(runtimeDir), undefined);
});

test('in the background it ends when idle, and leaves word when it cannot start', async (t) => {
  const { dataDir, runtimeDir } = await setUp(t);
  const values = { dataDir, modelsDir: join(dataDir, 'models'), idleExitMs: 50 };
  const { settings } = loadServerConfig({ env: {}, values });
  const signal = new AbortController().signal;
  const parts = { voiceActivity: levelVoiceActivity(), embedder: hashEmbedder() };
  const options = { settings, version: '1.0.0', log: silentLog, mode: 'background' as const, signal, parts };
  assert.equal(await runServer(options), true);
  assert.equal(await readStartError(runtimeDir), undefined);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  await assert.rejects(runServer({ ...options, settings: { ...settings, port } }), withCode('port_taken'));
  assert.equal((await readStartError(runtimeDir))?.code, 'port_taken');
});
