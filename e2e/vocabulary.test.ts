import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { before, test } from 'node:test';
import { buildCli, newMachine, speak } from './harness.ts';

before(buildCli);

test('terms of the project, the tags and the user reach the speech server and the language model', async () => {
  const prompts: string[] = [];
  const asked: string[] = [];
  await using server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    response.setHeader('content-type', 'application/json');
    if (request.url?.endsWith('/audio/transcriptions')) {
      const type = request.headers['content-type'] ?? '';
      const form = await new Response(body, { headers: { 'content-type': type } }).formData();
      prompts.push(String(form.get('prompt')));
      return response.end(JSON.stringify({ text: 'We deploy to cooper netties on Monday.' }));
    }
    asked.push(body.toString());
    const line = {
      section: 'summary',
      text: 'We deploy to Kubernetes on Monday.',
      segments: ['1.0.0'],
    };
    const content = JSON.stringify({ lines: [line] });
    response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  await using machine = newMachine({
    SPEAKR_RECOGNIZER: 'openai',
    SPEAKR_RECOGNIZER_URL: url,
    SPEAKR_RECOGNIZER_MODEL: 'any',
    SPEAKR_LLM_URL: url,
    SPEAKR_LLM_MODEL: 'any',
  });
  mkdirSync(machine.path('.speakr'));
  writeFileSync(machine.path('.speakr/vocabulary'), '# ours\nKubernetes\n');
  for (const words of [['Nguyễn Văn An'], ['Metformin', '--tag', 'clinic'], ['Unheard', '--tag', 'other']])
    assert.equal((await machine.run(['vocab', 'add', ...words])).code, 0);
  speak('We deploy to Kubernetes on Monday.', machine.path('talk.wav'));
  const done = await machine.run(['transcribe', 'talk.wav', '--tag', 'clinic']);
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(prompts, ['Kubernetes, Metformin, Nguyễn Văn An']);
  assert.match(asked[0] ?? '', /spell it so: Kubernetes, Metformin, Nguyễn Văn An\./);
  const notes = await machine.run(['notes', 'last']);
  assert.match(notes.stdout, /deploy to Kubernetes/, 'a term that sounds like what was said is no invention');
});
