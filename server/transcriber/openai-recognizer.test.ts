import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { until } from '../../scripts/until.ts';
import { createOpenAiRecognizer, type OpenAiRecognizerOptions, promptOf } from './openai-recognizer.ts';
import { expecting } from './recognizer.ts';

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: FormData;
}
type Reply = { status?: number; body?: unknown; raw?: string; hang?: boolean; drop?: boolean };

async function formOf(request: IncomingMessage): Promise<FormData> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new Response(Buffer.concat(chunks), {
    headers: { 'content-type': request.headers['content-type'] ?? '' },
  }).formData();
}

/** A local server that answers in turn and keeps what it was asked. */
async function serve(
  t: TestContext,
  replies: readonly Reply[],
  options: Partial<OpenAiRecognizerOptions> = {},
) {
  const asked: Asked[] = [];
  const server: Server = createServer(async (request, response) => {
    const form = await formOf(request);
    const reply = replies[Math.min(asked.length, replies.length - 1)] ?? {};
    asked.push({ path: request.url ?? '', authorization: request.headers.authorization, form });
    if (reply.hang) return;
    if (reply.drop) return request.socket.destroy();
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' });
    response.end(reply.raw ?? JSON.stringify(reply.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const recognizer = createOpenAiRecognizer({
    model: 'whisper-1',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    maxRetries: 0,
    ...options,
  });
  return { recognizer, asked };
}

const final = { language: 'en', priority: 'final', session: 'a' } as const;
const second = () => Float32Array.from({ length: 16_000 }, (_, i) => Math.sin(i / 9) / 2);
const failsWith = (code: string, pattern: RegExp) => (error: unknown) =>
  error instanceof SpeakrError && error.code === code && pattern.test(error.message);

test('audio goes as WAV with model and language; text and measured words come back', async (t) => {
  const { recognizer, asked } = await serve(
    t,
    [
      {
        body: {
          text: ' Hello there. ',
          words: [
            { word: 'Hello', start: 0.1, end: 0.4 },
            { word: ' there', start: 0.4, end: 0.8123 },
          ],
        },
      },
    ],
    { apiKey: 'secret-key' },
  );
  const { text, words } = await recognizer.decode(second(), final);
  assert.equal(text, 'Hello there.');
  assert.deepEqual(words, [
    { text: 'Hello', startMs: 100, endMs: 400 },
    { text: 'there', startMs: 400, endMs: 812 },
  ]);
  const [{ path, authorization, form } = assert.fail('nothing was asked')] = asked;
  assert.equal(path, '/v1/audio/transcriptions');
  assert.equal(authorization, 'Bearer secret-key');
  assert.equal(form.get('model'), 'whisper-1');
  assert.equal(form.get('language'), 'en');
  assert.equal(form.get('response_format'), 'verbose_json');
  const wav = new DataView(await (form.get('file') as File).arrayBuffer());
  assert.equal(wav.byteLength, 44 + 32_000);
  assert.equal(wav.getUint32(24, true), 16_000);
  assert.equal(wav.getInt16(44 + 2 * 14, true), Math.round((Math.sin(14 / 9) / 2) * 32_767));
});

test('a server without verbose_json is asked for plain JSON from then on', async (t) => {
  const { recognizer, asked } = await serve(t, [
    { status: 400, body: { error: { message: 'response_format is not supported' } } },
    { body: { text: 'plain' } },
  ]);
  assert.deepEqual((await recognizer.decode(second(), final)).text, 'plain');
  await recognizer.decode(second(), final);
  assert.deepEqual(
    asked.map(({ form }) => form.get('response_format')),
    ['verbose_json', 'json', 'json'],
  );
});

test('errors of the server keep their status and nothing it said', async (t) => {
  for (const status of [401, 404, 429, 500]) {
    const { recognizer } = await serve(t, [{ status, body: { error: { message: 'you said: my secret' } } }]);
    await assert.rejects(
      recognizer.decode(second(), final),
      (error) =>
        failsWith('recognizer_failed', new RegExp(`${status}`))(error) && !`${error}`.includes('secret'),
    );
  }
});

test('a refused key names the setting to look at', async (t) => {
  const { recognizer } = await serve(t, [{ status: 401, body: {} }]);
  await assert.rejects(
    recognizer.decode(second(), final),
    (error) => error instanceof SpeakrError && error.hint.includes('SPEAKR_RECOGNIZER_KEY_FILE'),
  );
});

test('nonsense, broken connections and silence of the server are failures', async (t) => {
  for (const reply of [
    { raw: '<html>' },
    { body: { words: [] } },
    { body: { text: 7 } },
    { drop: true },
    { hang: true },
  ]) {
    const { recognizer } = await serve(t, [reply], { timeoutMs: 200 });
    await assert.rejects(recognizer.decode(second(), final), failsWith('recognizer_failed', /./));
  }
});

test('a server that stumbles is asked again', async (t) => {
  const { recognizer, asked } = await serve(t, [{ status: 503 }, { body: { text: 'better' } }], {
    maxRetries: 1,
  });
  assert.equal((await recognizer.decode(second(), final)).text, 'better');
  assert.equal(asked.length, 2);
});

test('no more requests than allowed are under way, and an abort frees its place', async (t) => {
  const { recognizer, asked } = await serve(t, [{ hang: true }, { body: { text: 'next' } }], {
    maxRequests: 1,
  });
  const controller = new AbortController();
  const { signal } = controller;
  const hanging = recognizer.decode(second(), { ...final, signal });
  const waiting = recognizer.decode(second(), { ...final, session: 'b', signal });
  const next = recognizer.decode(second(), { ...final, session: 'c' });
  await until('the server is asked', () => asked.length > 0);
  assert.equal(asked.length, 1);
  controller.abort(new Error('enough'));
  await assert.rejects(hanging, /enough/);
  await assert.rejects(waiting, /enough/);
  assert.equal((await next).text, 'next');
  await assert.rejects(recognizer.decode(second(), { ...final, signal }), /enough/);
});

test('a language the server was not said to know is refused without asking', async (t) => {
  const { recognizer, asked } = await serve(t, [{}], { languages: ['de'] });
  await assert.rejects(recognizer.decode(second(), final), failsWith('language_unsupported', /en/));
  assert.equal(asked.length, 0);
});

test('terms to expect go as the prompt, as many as fit, and nothing else changes', async (t) => {
  const { recognizer, asked } = await serve(t, [{ body: { text: 'Kubernetes.' } }]);
  const told = expecting(recognizer, ['Kubernetes', 'Nguyễn Văn An']);
  await told.decode(second(), final);
  await recognizer.decode(second(), final);
  assert.equal(asked[0]?.form.get('prompt'), 'Kubernetes, Nguyễn Văn An');
  assert.equal(asked[1]?.form.get('prompt'), null);
  const many = Array.from({ length: 200 }, (_, index) => `Term number ${index}`);
  const prompt = promptOf(many);
  assert.ok(prompt.length <= 600 && prompt.startsWith('Term number 0, Term number 1, '));
  assert.ok(many.includes(prompt.split(', ').at(-1) ?? ''), 'no term is cut');
  assert.equal(expecting(recognizer, []), recognizer);
});
