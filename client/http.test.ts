import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { recordSound, testApp } from '../server/fixtures/test-app.ts';
import { createHttpClient } from './http.ts';
import { wholeDocument } from './whole-document.ts';

const server = await testApp({ after: (hook) => after(hook as () => void) });
const id = await recordSound(server, undefined, { tags: ['web', 'launch'] });
const client = createHttpClient({ baseUrl: server.url, token: server.app.token });
const withCode = (code: string) => (error: unknown) => error instanceof SpeakrError && error.code === code;

test('every kind of route is a typed method', async () => {
  const { version } = await client.getStatus();
  assert.equal(version, '0.1.0');
  const { recordings } = await client.listRecordings({ query: { tag: ['web', 'launch'], limit: 5 } });
  assert.deepEqual(
    recordings.map((recording) => recording.id),
    [id],
  );
  const changed = await client.updateRecording({ params: { recording: 'last' }, body: { title: 'A/B: ü?' } });
  assert.equal(changed.title, 'A/B: ü?');
  const document = await client.exportRecording({ params: { recording: id }, query: { format: 'txt' } });
  assert.match(await document.text(), /We launch in March/);
  assert.equal(await client.deleteRecording({ params: { recording: id } }), undefined);
});

test('a problem of the server is thrown with its code and hint', async () => {
  await assert.rejects(client.getRecording({ params: { recording: 'a/../b?c' } }), withCode('not_found'));
  const stranger = createHttpClient({ baseUrl: server.url, token: 'wrong' });
  await assert.rejects(stranger.getStatus(), withCode('unauthorized'));
});

test('no server, or none that speaks speakr, is told apart', async () => {
  const nobody = createHttpClient({ baseUrl: 'http://127.0.0.1:9', token: 'x' });
  await assert.rejects(nobody.getStatus(), withCode('unreachable'));
  const fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });
  const other = createHttpClient({ baseUrl: 'http://proxy', token: 'x', fetch });
  await assert.rejects(other.getStatus(), withCode('unavailable'));
});

test('a call can be given up', async () => {
  await assert.rejects(client.getStatus({}, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('who is told to come again soon does so by itself; a longer wait, or no end of it, is told', async () => {
  const refused = (seconds: string) => {
    const problem = new SpeakrError('too_many_requests', undefined, { retryAfterMs: Number(seconds) * 1000 });
    return Response.json(problem.toProblem(), { status: 429, headers: { 'retry-after': seconds } });
  };
  const asked: string[] = [];
  const answering = (...answers: (() => Response)[]) =>
    createHttpClient({
      baseUrl: 'http://speakr.test',
      token: 'x',
      fetch: async (url) => {
        asked.push(url);
        return (answers.length > 1 ? answers.shift() : answers[0])!();
      },
    });
  const fine = () => Response.json({ terms: [] });
  assert.deepEqual(
    await answering(
      () => refused('0'),
      () => refused('0'),
      fine,
    ).getVocabulary(),
    { terms: [] },
  );
  assert.equal(asked.length, 3);
  await assert.rejects(answering(() => refused('60'), fine).getVocabulary(), { retryAfterMs: 60_000 });
  assert.equal(asked.length, 4);
  await assert.rejects(answering(() => refused('0')).getVocabulary(), withCode('too_many_requests'));
  const given = new AbortController();
  const waiting = answering(() => refused('9'), fine).getVocabulary({}, { signal: given.signal });
  given.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
});

test('what one client asks is one trace; what another asks is another', async () => {
  const traces: (string | null)[] = [];
  const fetch = async (_: string, { headers }: RequestInit) => {
    traces.push(new Headers(headers).get('traceparent'));
    return Response.json({}, { status: 200 });
  };
  for (let client = 0; client < 2; client++) {
    const api = createHttpClient({ baseUrl: 'http://x', token: 'x', fetch });
    await api.getStatus();
    await api.getStorage();
  }
  for (const trace of traces) assert.match(trace ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(new Set(traces).size, 2);
  assert.equal(traces[0], traces[1]);
});

/** A connection that ends before the answer, as the runtime tells it. */
const broken = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) });

test('what creates something, and whose answer is lost, is asked for again and done once', async () => {
  const recording = await recordSound(server);
  const keys: (string | null)[] = [];
  const losing = createHttpClient({
    baseUrl: server.url,
    token: server.app.token,
    async fetch(url, init) {
      const response = await fetch(url, init);
      keys.push(new Headers(init.headers).get('idempotency-key'));
      if (keys.length % 2 === 1) throw broken();
      return response;
    },
  });
  const { state } = await losing.retranscribeRecording({ params: { recording }, body: {} });
  assert.equal(state, 'processing');
  assert.equal(keys.length, 2);
  assert.ok(keys[0] !== null && keys[0] === keys[1]);
  while ((await client.getRecording({ params: { recording } })).state !== 'ready')
    await new Promise((wake) => setTimeout(wake, 20));
  const { revisions } = await client.listRevisions({ params: { recording } });
  assert.equal(revisions.filter(({ origin }) => origin === 'retranscription').length, 1);
  await losing.writeNotes({ params: { recording }, body: {} });
  assert.equal(keys.length, 4);
  assert.notEqual(keys[2], keys[0]);
});

test('what cannot be told to have been done is not done again, nor is anything asked of a server that is not there', async () => {
  let asked = 0;
  const failing = (error: Error) =>
    createHttpClient({
      baseUrl: 'http://speakr.test',
      token: 'x',
      async fetch() {
        asked += 1;
        throw error;
      },
    });
  await assert.rejects(
    failing(broken()).deleteRecording({ params: { recording: 'last' } }),
    withCode('unreachable'),
  );
  assert.equal(asked, 1);
  const absent = new TypeError('fetch failed', {
    cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
  });
  await assert.rejects(failing(absent).getStatus(), withCode('unreachable'));
  assert.equal(asked, 2);
  await assert.rejects(failing(broken()).getStatus(), withCode('unreachable'));
  assert.equal(asked, 6);
});

/** An answer that breaks off after so many bytes, as a connection does. */
async function breakOff(response: Response, after: number): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const part = bytes.subarray(0, after);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => (part.length > 0 ? controller.enqueue(part) : undefined),
    pull(controller) {
      if (part.length < bytes.length) controller.error(new TypeError('terminated'));
      else controller.close();
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

test('a download that breaks off goes on where it was, bit for bit', async () => {
  const recording = await recordSound(server);
  const whole = Buffer.from(await (await client.getAudio({ params: { recording } })).arrayBuffer());
  assert.ok(whole.length > 30_000);
  const asked: string[] = [];
  const breaks = [10, 20_001];
  const breaking = createHttpClient({
    baseUrl: server.url,
    token: server.app.token,
    async fetch(url, init) {
      asked.push(new Headers(init.headers).get('range') ?? 'all');
      return breakOff(await fetch(url, init), breaks.shift() ?? Number.MAX_SAFE_INTEGER);
    },
  });
  const got = await breaking.getAudio({ params: { recording } });
  assert.ok(Buffer.from(await got.arrayBuffer()).equals(whole));
  assert.deepEqual(asked, ['all', 'bytes=10-', 'bytes=20011-']);
});

test('a download whose rest cannot be had, or is of something else, says so', async () => {
  const headers = { 'accept-ranges': 'bytes', 'content-length': '100' };
  const begun = () => breakOff(new Response(new Uint8Array(100), { headers }), 44);
  let asked = 0;
  const lost = wholeDocument(
    await begun(),
    async () => {
      asked += 1;
      throw new SpeakrError('unreachable');
    },
    { firstWaitMs: 1 },
  );
  await assert.rejects(lost.arrayBuffer(), withCode('unreachable'));
  assert.equal(asked, 5);
  const other = { ...headers, 'content-range': 'bytes 44-100/101' };
  const changed = wholeDocument(
    await begun(),
    async () => new Response('x', { status: 206, headers: other }),
    {
      firstWaitMs: 1,
    },
  );
  await assert.rejects(changed.arrayBuffer(), withCode('conflict'));
});
