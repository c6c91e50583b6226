import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { loadServerConfig } from '../config.ts';
import { tryEmbedder, tryRecognizer } from '../promotion/trial.ts';
import type { Foundation } from './app-options.ts';
import { checkDefinition, modelMakers } from './model-makers.ts';

const definition = { id: 'whisper', kind: 'recognizer', weights: '', options: {} } as const;

/** A speech server that writes down who asked. */
async function speechServer(t: { after(hook: () => unknown): void }) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization);
    request
      .resume()
      .on('end', () => response.setHeader('content-type', 'application/json').end('{"text":"hello"}'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

const makersFor = (recognizerUrl: string) =>
  modelMakers(
    {
      settings: loadServerConfig({
        env: {},
        values: {
          dataDir: '/nowhere',
          modelsDir: '/nowhere',
          recognizer: 'openai',
          recognizerUrl,
          recognizerModel: 'tiny.en',
          recognizerKey: 'secret-key',
        },
      }).settings,
      parts: {},
    } as unknown as Foundation,
    async () => new Map(),
  );

test('a speech server can be registered, and gets the key of the settings only when it is the one of the settings', async (t) => {
  const own = await speechServer(t);
  const other = await speechServer(t);
  const makers = makersFor(own.url);
  for (const { url } of [own, other]) {
    const make = await makers.recognizer({ ...definition, weights: `${url}#tiny.en` });
    assert.equal(make().model, 'whisper');
    await tryRecognizer(make(), new AbortController().signal);
  }
  assert.deepEqual([own.asked, other.asked], [['Bearer secret-key'], ['Bearer none']]);
});

test('a speech server that is away does not pass its trial', async () => {
  const make = await makersFor('http://127.0.0.1:9/v1').recognizer({
    ...definition,
    weights: 'http://127.0.0.1:9/v1#tiny.en',
  });
  await assert.rejects(tryRecognizer(make(), AbortSignal.timeout(20_000)));
});

test('an embedder of words has the length that it was registered with, and passes its trial', async () => {
  const embedder = await makersFor('http://127.0.0.1:9/v1').embedder({
    id: 'words',
    kind: 'embedder',
    weights: 'hash',
    options: { dimensions: 32 },
  });
  assert.deepEqual([embedder.model, embedder.dimensions], ['words', 32]);
  await tryEmbedder(embedder);
  const deaf = {
    ...embedder,
    embed: async (texts: readonly string[]) => texts.map(() => Float32Array.of(1)),
  };
  await assert.rejects(tryEmbedder(deaf), /not what they should be/);
  const same = { ...deaf, dimensions: 1 };
  await assert.rejects(tryEmbedder(same), /cannot tell/);
});

test('what cannot be made is refused when it is registered', () => {
  const refused = (more: object, code: string) =>
    assert.throws(() => checkDefinition({ ...definition, ...more } as never), { code });
  refused({ weights: 'nothing' }, 'model_unknown');
  refused({ weights: 'http://host/v1' }, 'model_unknown');
  refused({ weights: 'hash' }, 'model_unknown');
  refused({ weights: 'moonshine-tiny-en', kind: 'embedder' }, 'model_unknown');
  refused({ weights: 'moonshine-tiny-en', options: { dimensions: 64 } }, 'invalid_request');
  const miniLm = { kind: 'embedder', weights: 'all-minilm-l6-v2-int8' };
  refused({ ...miniLm, options: { dimensions: 385 } }, 'invalid_request');
  checkDefinition({ ...definition, ...miniLm, options: { dimensions: 192 } } as never);
  refused({ weights: 'http://host/v1#m', options: { maxWorkers: 2 } }, 'invalid_request');
  checkDefinition({ ...definition, weights: 'moonshine-tiny-en', options: { maxWorkers: 2 } });
  checkDefinition({ ...definition, weights: 'http://host/v1#m' });
});
