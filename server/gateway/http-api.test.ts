import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { after, test } from 'node:test';
import {
  type ExportFormat,
  exportFormats,
  exportTypes,
  type Route,
  type RouteName,
  routes,
} from '@speakr/contracts/api';
import type { Notes } from '@speakr/contracts/notes';
import { Problem } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { QueryResponse } from '@speakr/contracts/search';
import type { Transcript } from '@speakr/contracts/transcript';
import { finishMessage, phrases, recordSound, startMessage, testApp } from '../fixtures/test-app.ts';

const turns = ['We decided to launch in March. Alex will send the budget by Friday.'];
const sound = phrases(2, 4000);
const server = await testApp({ after: (hook) => after(hook as () => void) }, { turns });
const id = await recordSound(server, sound, { tags: ['web', 'launch'] });

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  server.request(path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });

/** Calls a route; the answer must have the status and the schema of the contract. */
async function call<T>(name: RouteName, path: string, body?: unknown): Promise<T> {
  const route: Route = routes[name];
  const response = await send(route.method, path, body);
  const text = await response.text();
  assert.equal(response.status, route.status, text);
  if (route.response === null || !('parse' in route.response)) return undefined as T;
  assert.match(response.headers.get('content-type') ?? '', /application\/json/);
  return route.response.parse(JSON.parse(text)) as T;
}

async function problemOf(response: Response): Promise<Problem> {
  assert.match(response.headers.get('content-type') ?? '', /application\/problem\+json/);
  const problem = Problem.parse(await response.json());
  assert.equal(problem.status, response.status);
  assert.equal(problem.requestId, response.headers.get('x-request-id'));
  return problem;
}

const path = `/v1/recordings/${id}`;

test('status, storage, list and single recordings answer in their schemas', async () => {
  const status = await call<{ version: string; running: string[] }>('getStatus', '/v1/status');
  assert.equal(status.version, '0.1.0');
  assert.deepEqual(status.running, []);
  const storage = await call<{ recordings: number; audioBytes: number }>('getStorage', '/v1/storage');
  assert.ok(storage.recordings >= 1 && storage.audioBytes > 0);
  const page = await call<{ recordings: Recording[] }>(
    'listRecordings',
    '/v1/recordings?limit=1&tag=web&tag=launch',
  );
  assert.equal(page.recordings[0]?.id, id);
  const none = await call<{ recordings: Recording[] }>('listRecordings', '/v1/recordings?tag=other');
  assert.deepEqual(none.recordings, []);
  assert.equal((await call<Recording>('getRecording', `/v1/recordings/${id.slice(-6)}`)).id, id);
  assert.equal((await call<Recording>('getRecording', '/v1/recordings/last')).id, id);
});

test('titles and tags can be changed', async () => {
  const changed = await call<Recording>('updateRecording', path, { title: 'Launch planning', tags: ['web'] });
  assert.equal(changed.title, 'Launch planning');
  assert.equal(changed.titleSource, 'user');
  assert.deepEqual(changed.tags, ['web']);
});

test('speakers can be named: transcript, export and search say so, and a name can be taken back', async () => {
  const started = startMessage({
    tracks: [
      { track: 0, label: 'me' },
      { track: 1, label: 'them' },
    ],
  });
  const session = await server.connect();
  session.send(started);
  await session.next('ready');
  session.audio(sound, 0, 0);
  session.audio(sound, 0, 1);
  const tracks = [0, 1].map((track) => ({ track, samples: sound.length }));
  session.send({ ...finishMessage(sound.length), tracks });
  await session.next('finished');
  await session.closed;
  const path = `/v1/recordings/${started.recordingId}`;
  const speakers = async () => {
    const { segments } = await call<Transcript>('getTranscript', `${path}/transcript`);
    return [...new Set(segments.map(({ speaker }) => speaker))].sort();
  };
  assert.deepEqual(await speakers(), ['me', 'them']);
  const found = async () => {
    const body = { question: 'when do we launch?', recordingId: started.recordingId };
    const { hits } = await call<QueryResponse>('query', '/v1/query', body);
    return new Set(hits.flatMap(({ speaker }) => speaker?.split(', ') ?? []));
  };
  assert.deepEqual([...(await found())].sort(), ['me', 'them']);
  const renamed = await call<Recording>('updateRecording', path, { speakers: { me: ' Anna ', them: 'Tom' } });
  assert.deepEqual(renamed.speakers, { me: 'Anna', them: 'Tom' });
  assert.deepEqual(await speakers(), ['Anna', 'Tom']);
  assert.deepEqual([...(await found())].sort(), ['Anna', 'Tom']);
  assert.match(await (await send('GET', `${path}/export?format=txt`)).text(), /^Anna: /m);
  assert.match(await (await send('GET', `${path}/export?format=md`)).text(), /\*\* Tom: /);
  await call<Recording>('updateRecording', path, { speakers: { me: '' } });
  assert.deepEqual(await speakers(), ['Tom', 'me']);
  await call('deleteRecording', path);
});

test('notes, actions and search answer from what was said', async () => {
  const notes = await call<Notes>('getNotes', `${path}/notes`);
  assert.match(notes.markdown, /budget/);
  const { actions } = await call<{ actions: { action: { id: string; who: string } }[] }>(
    'listActions',
    '/v1/actions',
  );
  assert.equal(actions[0]?.action.who, 'Alex');
  const actionId = actions[0]!.action.id;
  const done = await call<{ done: boolean }>('updateAction', `/v1/actions/${actionId}`, { done: true });
  assert.equal(done.done, true);
  assert.deepEqual(await call('listActions', '/v1/actions'), { actions: [] });
  assert.equal((await call<{ actions: [] }>('listActions', '/v1/actions?done=all')).actions.length, 1);
  const found = await call<QueryResponse>('query', '/v1/query', { question: 'Who sends the budget?' });
  assert.equal(found.hits[0]?.recordingId, id);
  const again = await call<Notes>('writeNotes', `${path}/notes`, { template: 'plain' });
  assert.equal(again.template, 'plain');
});

test('an edit makes a revision that search and notes follow; editing an old one is a conflict', async () => {
  const before = await call<Transcript>('getTranscript', `${path}/transcript`);
  const [first] = before.segments;
  const edit = {
    baseRevision: before.revision,
    segments: [{ id: first!.id, text: 'We decided to launch in May.' }],
  };
  const after = await call<Transcript>('editTranscript', `${path}/transcript`, edit);
  assert.equal(after.revision, before.revision + 1);
  assert.equal(after.origin, 'edit');
  assert.equal(after.segments[0]?.text, 'We decided to launch in May.');
  assert.equal(after.segments[1]?.text, before.segments[1]?.text);
  const old = await call<Transcript>('getTranscript', `${path}/transcript?revision=${before.revision}`);
  assert.equal(old.segments[0]?.text, first!.text);
  assert.equal((await problemOf(await send('PUT', `${path}/transcript`, edit))).code, 'conflict');
  const unknown = { baseRevision: after.revision, segments: [{ id: '9.9.9', text: 'x' }] };
  assert.equal((await problemOf(await send('PUT', `${path}/transcript`, unknown))).code, 'invalid_request');
  const removal = { baseRevision: after.revision, segments: [{ id: after.segments[1]!.id, text: '' }] };
  const shorter = await call<Transcript>('editTranscript', `${path}/transcript`, removal);
  assert.deepEqual(
    shorter.segments.map(({ id }) => id),
    [`${after.revision + 1}.0.0`],
  );
});

test('transcribing again makes a revision out of the archived audio', async () => {
  const before = await call<Recording>('getRecording', path);
  let recording = await call<Recording>('retranscribeRecording', `${path}/retranscribe`, {});
  assert.equal(recording.state, 'processing');
  while (recording.state === 'processing') {
    await new Promise((resolve) => setTimeout(resolve, 20));
    recording = await call<Recording>('getRecording', path);
  }
  assert.equal(recording.revision, before.revision + 1);
  const transcript = await call<Transcript>('getTranscript', `${path}/transcript`);
  assert.equal(transcript.origin, 'retranscription');
  assert.equal(transcript.segments.length, 2);
});

test('exports come in every format, with marks and receipt where there is room for them', async () => {
  const expected: Readonly<Record<ExportFormat, RegExp>> = {
    md: /## Receipt\n\n- captured 10\.0 s/,
    txt: /We decided to launch in March\.\n/,
    srt: /^1\n00:00:00,\d{3} --> /,
    vtt: /^WEBVTT\n\n/,
    json: /"receipt"/,
  };
  for (const format of exportFormats) {
    const response = await send('GET', `${path}/export?format=${format}`);
    assert.equal(response.status, 200);
    assert.ok(response.headers.get('content-type')?.startsWith(exportTypes[format]));
    assert.match(response.headers.get('content-disposition') ?? '', new RegExp(`\\.${format}"$`));
    assert.match(await response.text(), expected[format]);
  }
});

test('a part of the audio can be asked for by its bytes, so that a download can go on', async () => {
  const all = Buffer.from(await (await send('GET', `${path}/audio`)).arrayBuffer());
  const part = (range: string, headers: Record<string, string> = {}) =>
    send('GET', `${path}/audio`, undefined, { range, ...headers });
  const last = all.length - 1;
  const cases: readonly [range: string, start: number, end: number][] = [
    ['bytes=0-', 0, last],
    ['bytes=10-60', 10, 60],
    ['bytes=44-', 44, last],
    ['bytes=45-', 45, last],
    [`bytes=${last - 4000}-999999999`, last - 4000, last],
    ['bytes=-101', last - 100, last],
  ];
  for (const [range, start, end] of cases) {
    const response = await part(range);
    assert.equal(response.status, 206, range);
    assert.equal(response.headers.get('content-range'), `bytes ${start}-${end}/${all.length}`);
    assert.equal(response.headers.get('content-length'), String(end - start + 1));
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(all.subarray(start, end + 1)), range);
  }
  for (const range of ['bytes=0-1,5-6', 'bytes=9-2', 'samples=0-1', 'bytes=-', 'bytes=x-'])
    assert.equal((await part(range)).status, 200, range);
  assert.equal((await part('bytes=0-1', { 'if-range': '"other"' })).status, 200);
  const beyond = await part(`bytes=${all.length}-`);
  assert.equal((await problemOf(beyond)).code, 'range_unsatisfiable');
});

test('audio comes as WAV, whole and in part, that ffmpeg reads', async () => {
  const whole = Buffer.from(await (await send('GET', `${path}/audio`)).arrayBuffer());
  assert.ok(whole.subarray(44).equals(Buffer.from(sound.buffer)));
  const response = await send('GET', `${path}/audio?fromMs=1000&toMs=1500`);
  assert.equal(response.headers.get('content-length'), String(44 + 16_000));
  const part = Buffer.from(await response.arrayBuffer());
  assert.ok(part.subarray(44).equals(Buffer.from(sound.buffer).subarray(32_000, 48_000)));
  const beyond = await (await send('GET', `${path}/audio?fromMs=900000`)).arrayBuffer();
  assert.equal(beyond.byteLength, 44);
  assert.equal((await problemOf(await send('GET', `${path}/audio?track=3`))).code, 'not_found');
  const decoded = spawnSync('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 's16le', 'pipe:1'], {
    input: whole,
  });
  assert.ok(decoded.stdout.equals(whole.subarray(44)));
});

test('an unfinished recording cannot be edited, deleted or transcribed again', async () => {
  const session = await server.connect();
  const start = startMessage();
  session.send(start);
  await session.next('ready');
  const running = `/v1/recordings/${start.recordingId}`;
  assert.equal((await problemOf(await send('DELETE', running))).code, 'recording_running');
  assert.equal(
    (await problemOf(await send('POST', `${running}/retranscribe`, {}))).code,
    'recording_running',
  );
  assert.equal((await problemOf(await send('GET', `${running}/notes`))).code, 'not_found');
  assert.equal((await problemOf(await send('POST', `${running}/restore`))).code, 'conflict');
  const status = await call<{ running: string[] }>('getStatus', '/v1/status');
  assert.deepEqual(status.running, [start.recordingId]);
  session.audio(phrases(1));
  session.send(finishMessage(phrases(1).length));
  await session.next('finished');
  await call('deleteRecording', running);
  assert.equal((await problemOf(await send('GET', running))).code, 'not_found');
  assert.equal((await problemOf(await send('DELETE', running))).code, 'not_found');
});

for (const [what, method, target, body, code] of [
  ['an unknown path', 'GET', '/v1/nothing', undefined, 'not_found'],
  [
    'an unknown recording',
    'GET',
    '/v1/recordings/0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
    undefined,
    'not_found',
  ],
  [
    'an id of a thousand characters',
    'GET',
    `/v1/recordings/${'a'.repeat(1000)}`,
    undefined,
    'invalid_request',
  ],
  ['a method that the path has not', 'PUT', '/v1/recordings', {}, 'method_not_allowed'],
  ['a body that is no JSON', 'POST', '/v1/query', '{"question": secret', 'invalid_request'],
  ['an empty body', 'POST', '/v1/query', '', 'invalid_request'],
  ['a missing field', 'POST', '/v1/query', {}, 'invalid_request'],
  ['an empty question', 'POST', '/v1/query', { question: '' }, 'invalid_request'],
  [
    'a question of 10,000 characters',
    'POST',
    '/v1/query',
    { question: 'secret'.repeat(2000) },
    'invalid_request',
  ],
  ['a wrong query parameter', 'GET', '/v1/recordings?limit=many', undefined, 'invalid_request'],
  ['a revision that is not there', 'GET', `${path}/transcript?revision=99`, undefined, 'not_found'],
  ['an unknown export format', 'GET', `${path}/export?format=secret`, undefined, 'invalid_request'],
  ['an unknown template', 'POST', `${path}/notes`, { template: 'sonnet' }, 'template_unknown'],
  ['an unknown action', 'PATCH', '/v1/actions/none.0', { done: true }, 'not_found'],
  ['a body of 3 MB', 'POST', '/v1/query', { question: 'x'.repeat(3_000_000) }, 'payload_too_large'],
] as const)
  test(`${what} is answered with the problem ${code}`, async () => {
    const response = await send(method, target, body);
    const problem = await problemOf(response);
    assert.equal(problem.code, code);
    assert.ok(!JSON.stringify(problem).includes('secret'), 'what was sent is not repeated');
    if (code === 'method_not_allowed') assert.equal(response.headers.get('allow'), 'GET, POST');
  });

test('a body of another kind than JSON is refused', async () => {
  const response = await send('POST', '/v1/query', 'question=x', { 'content-type': 'text/csv' });
  assert.equal((await problemOf(response)).code, 'unsupported_media_type');
});

test('without the right token nothing but /health answers', async () => {
  for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${server.app.token}`]) {
    const response = await fetch(`${server.url}/v1/status`, { headers: { authorization } });
    assert.equal((await problemOf(response)).code, 'unauthorized');
  }
  assert.equal((await fetch(`${server.url}/v1/nothing`)).status, 401);
  assert.deepEqual(await (await fetch(`${server.url}/health`)).json(), { status: 'ok', version: '0.1.0' });
});

test('a page under another name or origin is kept out', async () => {
  const ask = async (headers: Record<string, string>) => {
    const request = httpRequest(`${server.url}/v1/status`, {
      headers: { authorization: `Bearer ${server.app.token}`, ...headers },
    }).end();
    const [response] = await once(request, 'response');
    response.resume();
    return response.statusCode;
  };
  const { host } = new URL(server.url);
  assert.equal(await ask({}), 200);
  assert.equal(await ask({ host: 'evil.example' }), 403);
  assert.equal(await ask({ host: `127.0.0.1.evil.example:${host.split(':')[1]}` }), 403);
  assert.equal(await ask({ origin: 'http://evil.example' }), 403);
  assert.equal(await ask({ origin: 'null' }), 403);
  assert.equal(await ask({ origin: `http://${host}` }), 200);
});

test('a page of an origin that was allowed may come, and no other', async (t) => {
  const allowing = await testApp(t, { values: { corsOrigins: 'http://page.example' } });
  const ask = async (origin: string) => {
    const headers = { authorization: `Bearer ${allowing.app.token}`, origin };
    return (await fetch(`${allowing.url}/v1/status`, { headers })).status;
  };
  assert.equal(await ask('http://page.example'), 200);
  assert.equal(await ask('http://page.example.evil.example'), 403);
  assert.equal(await ask('http://other.example'), 403);
});

test('a port that is taken is named', async (t) => {
  const port = Number(new URL(server.url).port);
  await assert.rejects(testApp(t, { values: { port } }), { code: 'port_taken' });
});
