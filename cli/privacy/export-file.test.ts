import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { exportToFile } from './export-file.ts';

const idOf = (index: number) => `0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d0${index}`;

function file(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 'latin1');
  header.write(Buffer.byteLength(content).toString(8).padStart(11, '0'), 124, 'latin1');
  header.write('ustar', 257, 'latin1');
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

const RECORDINGS = 4;
const recording = (index: number) => [
  file(`recordings/${idOf(index)}/audio/track-0.wav`, 'x'.repeat(2000 + index)),
  file(`recordings/${idOf(index)}/recording.json`, `{"n":${index}}`),
];
const first = [file('export.json', '{}'), file('keys.json', '{}')];
const last = [file('end.json', '{}'), Buffer.alloc(1024)];
const all = Array.from({ length: RECORDINGS }, (_, index) => recording(index)).flat();
const whole = Buffer.concat([...first, ...all, ...last]);

/** A server whose answers break off after so many bytes, one after the other. */
function breaking(limits: number[]) {
  const asked: (string | undefined)[] = [];
  return {
    asked,
    async exportAccount({ query = {} }: { query?: { after?: string } } = {}) {
      asked.push(query.after);
      const from = Array.from({ length: RECORDINGS }, (_, index) => index).filter(
        (index) => query.after === undefined || idOf(index) > query.after,
      );
      const content = Buffer.concat([
        ...(query.after === undefined ? first : []),
        ...from.flatMap(recording),
        ...last,
      ]);
      const limit = limits.shift();
      if (limit === 0) throw new SpeakrError('unreachable');
      return new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(new Uint8Array(limit === undefined ? content : content.subarray(0, limit)));
            if (limit === undefined) controller.close();
            else setImmediate(() => controller.error(new TypeError('terminated')));
          },
        }),
      );
    },
  };
}

function place(t: TestContext) {
  const cwd = mkdtempSync(join(tmpdir(), 'speakr-export-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  const stdout = new PassThrough();
  const exported = (api: ReturnType<typeof breaking>, name = 'all.tar') =>
    exportToFile({ api, io: { cwd, stdout }, file: name, onProgress: () => {} });
  return { cwd, stdout, exported, path: join(cwd, 'all.tar') };
}

test('an archive comes whole, readable for its owner only, and replaces none', async (t) => {
  const { exported, path } = place(t);
  assert.deepEqual(await exported(breaking([])), { path, recordings: RECORDINGS, bytes: whole.length });
  assert.deepEqual(readFileSync(path), whole);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await assert.rejects(exported(breaking([])), { code: 'usage' });
});

test('one that breaks off goes on after the last recording that is whole', async (t) => {
  const { exported, path } = place(t);
  const head = Buffer.concat(first).length;
  const one = Buffer.concat(recording(0)).length;
  // In the middle of the first recording, of the third, and while the server is away.
  const api = breaking([head + 700, head + 2 * one + 1500, 0]);
  await exported(api);
  assert.deepEqual(api.asked, [undefined, undefined, idOf(1), idOf(1)]);
  assert.deepEqual(readFileSync(path), whole);
});

test('a later run completes what an earlier one left, whatever its last bytes are', async (t) => {
  const { exported, path } = place(t);
  const cut = Buffer.concat([...first, ...recording(0)]);
  for (const rest of ['', 'x'.repeat(300), 'y'.repeat(5000)]) {
    writeFileSync(`${path}.partial`, Buffer.concat([cut, Buffer.from(rest)]));
    const api = breaking([]);
    await exported(api);
    assert.deepEqual(api.asked, [idOf(0)]);
    assert.deepEqual(readFileSync(path), whole);
    rmSync(path);
  }
});

test('a server that stays away is given up, and what came is kept for later', async (t) => {
  const { exported, path } = place(t);
  const api = breaking([Buffer.concat([...first, ...recording(0)]).length, 0, 0, 0, 0, 0, 0]);
  await assert.rejects(exported(api), { code: 'unreachable' });
  await exported(breaking([]));
  assert.deepEqual(readFileSync(path), whole);
});

test('"-" is stdout', async (t) => {
  const { exported, stdout } = place(t);
  const chunks: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await exported(breaking([]), '-');
  assert.deepEqual(Buffer.concat(chunks), whole);
});
