import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { QueryHit } from '@speakr/contracts/search';
import { silentLog } from '../observability/log.ts';
import { createAnswerWriter } from './answer.ts';

const hits: QueryHit[] = [
  'We decided to launch the new website in March.',
  'Peter will send the budget of forty thousand dollars to finance by Friday.',
].map((text, index) => ({
  recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  title: 'Launch planning',
  startedAt: 0,
  startMs: index * 10_000,
  endMs: index * 10_000 + 5_000,
  text,
  score: 1,
  tags: [],
}));

const sentence = (text: string, ...passages: number[]) => ({ text, passages });
const reply = (...sentences: object[]) => JSON.stringify({ sentences });

test('sentences come with the hits they cite', async (t) => {
  const { write, requests } = await languageModel(
    t,
    reply(
      sentence('The website launches in March.', 1),
      sentence('Peter sends the $40,000 budget by Friday.', 2, 2),
    ),
  );
  assert.deepEqual(await write('When do we launch?', hits), [
    { text: 'The website launches in March.', hits: [0] },
    { text: 'Peter sends the $40,000 budget by Friday.', hits: [1] },
  ]);
  const [request] = requests;
  assert.equal(request?.model, 'test-model');
  assert.match(
    request?.messages[1]?.content ?? '',
    /\[2\] \(Launch planning\) Peter will send.*When do we launch\?/s,
  );
});

test('planted lies are dropped', async (t) => {
  const lies = [
    sentence('The website launches in April.', 1),
    sentence('The website launches on March 15.', 1),
    sentence('Peter asked for 50 thousand dollars.', 2),
    sentence('Anna will send the budget.', 2),
    sentence('The budget goes to Siemens.', 2),
    sentence('Peter sends the budget.', 1),
    sentence('The website launches in March.'),
    sentence('The website launches in March.', 3),
    sentence('The website launches in March.', 0),
    sentence('', 1),
  ];
  const { write } = await languageModel(t, reply(...lies, sentence('They decided on March.', 1)));
  assert.deepEqual(await write('When do we launch?', hits), [{ text: 'They decided on March.', hits: [0] }]);
});

test('a fence around the reply does no harm', async (t) => {
  const { write } = await languageModel(
    t,
    `Here you are:\n\`\`\`json\n${reply(sentence('In March.', 1))}\n\`\`\``,
  );
  assert.equal((await write('When?', hits)).length, 1);
});

for (const [what, body, status] of [
  ['nonsense', 'As a language model I am sorry.', 200],
  ['another shape', '{"sentences":"March"}', 200],
  ['an empty reply', '', 200],
  ['an error', 'no', 500],
] as const) {
  test(`${what} gives no answer`, async (t) => {
    const { write } = await languageModel(t, body, status);
    assert.deepEqual(await write('When?', hits), []);
  });
}

test('a server that is down or too slow gives no answer', async (t) => {
  const down = createAnswerWriter({ url: 'http://127.0.0.1:9/v1', model: 'x', log: silentLog });
  assert.deepEqual(await down('When?', hits), []);
  const { url } = await languageModel(t, undefined);
  const slow = createAnswerWriter({ url, model: 'x', timeoutMs: 50, log: silentLog });
  assert.deepEqual(await slow('When?', hits), []);
});

test('what was said stays out of the log', async (t) => {
  const lines: unknown[] = [];
  const keep = (fields: object, message: string) => void lines.push(fields, message);
  const log = { ...silentLog, info: keep, warn: keep };
  const { url } = await languageModel(t, 'Peter and the website in March');
  await createAnswerWriter({ url, model: 'x', log })('When?', hits);
  const { url: good } = await languageModel(t, reply(sentence('In March.', 1)));
  await createAnswerWriter({ url: good, model: 'x', log })('When?', hits);
  assert.ok(lines.length > 0);
  assert.doesNotMatch(JSON.stringify(lines), /Peter|March|website|budget/);
});

interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
}

/** A local server that speaks the chat completions API and always replies the same; `undefined` never replies. */
async function languageModel(t: TestContext, content: string | undefined, status = 200) {
  const requests: ChatRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    requests.push(JSON.parse(Buffer.concat(chunks).toString()));
    if (content === undefined) return;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content } }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { url, requests, write: createAnswerWriter({ url, model: 'test-model', log: silentLog }) };
}
