import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Route, type RouteName, routes } from '@speakr/contracts/api';
import type { ApiKey } from '@speakr/contracts/identity';
import type { Notes } from '@speakr/contracts/notes';
import type { Recording } from '@speakr/contracts/recording';
import type { Upload } from '@speakr/contracts/uploads';
import type { z } from 'zod';
import { until } from '../../scripts/until.ts';
import { finishMessage, phrases, startMessage } from '../fixtures/test-app.ts';
import { type Fleet, type FleetProcess, fleetMissing, startFleet } from '../fixtures/test-fleet.ts';

// Every route of the contract, asked by maria for what is alex's: she gets what she would get if it were not there, to
// the byte. The requests are made from the contract, so a new route is tested, or fails here until it can be.

const missing = await fleetMissing();
/** Said, named and noted by alex, and by nobody else. */
const secret = 'Zanzibar';
const unknown = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';

/** What a parameter or field names, by its name: alex's, and one that is nobody's. */
interface Named {
  readonly theirs: string;
  readonly nobodys: string;
}
type Names = Record<string, Named>;

const examplesOf = (type: z.ZodType) => type.meta()?.examples as readonly unknown[] | undefined;

/** A valid request of a route, out of the examples of the contract. @param which whose things it names */
function requestOf(name: RouteName, names: Names, which: keyof Named): { path: string; body?: object } {
  const route: Route = routes[name];
  const named = (property: string) => names[property]?.[which];
  const filled = (schema: z.ZodObject | undefined): Record<string, unknown> => {
    const fields = Object.entries((schema?.shape ?? {}) as Record<string, z.ZodType>);
    const wanted = fields.filter(
      ([field, type]) => named(field) !== undefined || !type.safeParse(undefined).success,
    );
    return Object.fromEntries(wanted.map(([field, type]) => [field, named(field) ?? examplesOf(type)?.[0]]));
  };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => {
    const value = named(parameter);
    assert.ok(value, `${name}: say in the names of this test what {${parameter}} is`);
    return encodeURIComponent(value);
  });
  const query = filled(route.query);
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) search.set(key, String(value));
  if (route.query !== undefined) assert.ok(route.query.safeParse(query).success, `${name}: no valid query`);
  const url = search.size === 0 ? path : `${path}?${search}`;
  if (route.body === undefined) return { path: url };
  const body = filled(route.body);
  assert.ok(route.body.safeParse(body).success, `${name}: the examples of the contract are no valid body`);
  return { path: url, body };
}

/** Something of a kind that the route takes, where it is no JSON. */
const contentOf = ({ content: [type] = [] }: Route) =>
  type === undefined ? {} : { body: new Uint8Array(64), headers: { 'content-type': type } };

const takesNames = ({ path }: Route) => path.includes('{');
/** What comes last: it takes away what the others ask for. */
const destructive: readonly RouteName[] = ['abortUpload', 'revokeKey', 'unshareRecording', 'deleteRecording'];
/** What is about everything of whoever asks. */
const ofOneself: readonly RouteName[] = ['exportAccount', 'eraseAccount'];
/** Where one's own id, made by oneself, begins something of one's own, whoever else has the same. */
const begins: readonly RouteName[] = ['importRecording', 'uploadFile', 'beginUpload'];

describe('what belongs to somebody else', { skip: missing }, () => {
  let fleet: Fleet;
  let server: FleetProcess;
  let names: Names;
  let recording: Recording;

  const send = (user: string, name: RouteName, which: keyof Named, given: Names = names) => {
    const { path, body } = requestOf(name, given, which);
    return server.request(user, path, {
      method: routes[name].method,
      ...contentOf(routes[name]),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  };
  const json = async <T>(user: string, path: string, init?: RequestInit): Promise<T> => {
    const response = await server.request(user, path, init);
    assert.ok(response.ok, `${path}: ${response.status}`);
    return (await response.json()) as T;
  };

  /** An answer without what differs between any two answers, and without the names that were in the question. */
  const comparable = async (response: Response, which: keyof Named, given: Names) => {
    const headers = [...response.headers].filter(
      ([name]) => !['date', 'x-request-id', 'content-length'].includes(name),
    );
    let text = (await response.text()).replace(/"requestId":"[^"]*"/, '');
    for (const named of Object.values(given))
      if (named.theirs !== named.nobodys) text = text.replaceAll(named[which], '…');
    return { status: response.status, headers, text };
  };

  before(async () => {
    fleet = await startFleet();
    server = await fleet.start(undefined, { turns: [`Alex will send the budget to ${secret} by Friday.`] });
    const start = startMessage({ title: `${secret} plan`, tags: [secret] });
    const pcm = phrases(2);
    const session = await server.connect('alex');
    session.send(start);
    await session.next('ready');
    session.audio(pcm);
    session.send(finishMessage(pcm.length));
    await session.next('finished');
    const id = start.recordingId;
    recording = await json('alex', `/v1/recordings/${id}`);
    const post = (body: object) => ({
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
    await json('alex', '/v1/vocabulary', { method: 'PATCH', ...post({ add: [{ term: secret }] }) });
    // She was here: nobody else can be shared with.
    await json('carol', '/v1/recordings');
    await json('alex', `/v1/recordings/${id}/shares/carol`, { method: 'PUT' });
    const { id: key } = await json<ApiKey>('alex', '/v1/keys', {
      method: 'POST',
      ...post({ name: secret, scopes: ['read'] }),
    });
    const { actions } = await json<{ actions: { action: { id: string } }[] }>('alex', '/v1/actions');
    const { jobs } = await json<{ jobs: { id: string }[] }>('alex', '/v1/jobs');
    const upload = await json<Upload>('alex', '/v1/uploads/init', {
      method: 'POST',
      ...post({ ...requestOf('beginUpload', {}, 'theirs').body, title: secret }),
    });
    // Searched by alex until it is found, so that not finding it means something.
    const question = post({ question: `budget ${secret}` });
    const hits = async () =>
      (await json<{ hits: [] }>('alex', '/v1/query', { method: 'POST', ...question })).hits.length;
    await until('something is found', async () => (await hits()) > 0);
    names = {
      recording: { theirs: id, nobodys: unknown },
      recordingId: { theirs: id, nobodys: unknown },
      question: { theirs: `budget ${secret}`, nobodys: `budget ${secret}` },
      user: { theirs: 'carol', nobodys: 'carol' },
      action: { theirs: actions[0]?.action.id ?? '', nobodys: `${unknown}.0` },
      job: { theirs: jobs[0]?.id ?? '', nobodys: unknown },
      key: { theirs: key, nobodys: '0000000000000000' },
      model: { theirs: 'moonshine-tiny-en', nobodys: 'moonshine-tiny-en' },
      upload: { theirs: upload.id, nobodys: unknown },
      part: { theirs: '1', nobodys: '1' },
      scope: { theirs: 'users', nobodys: 'users' },
      name: { theirs: 'alex', nobodys: 'alex' },
    };
  });
  after(() => fleet?.stop());

  for (const [name, route] of Object.entries<Route>(routes) as [RouteName, Route][]) {
    if (begins.includes(name) || ofOneself.includes(name)) continue;
    it(`${name} answers as if it were not there`, async () => {
      const theirs = await comparable(await send('maria', name, 'theirs'), 'theirs', names);
      const nobodys = await comparable(await send('maria', name, 'nobodys'), 'nobodys', names);
      if (name === 'getStatus') {
        // Time, memory and processor are the server's, and go on.
        for (const each of [theirs, nobodys])
          each.text = each.text.replace(/"(uptimeMs|cpuMs|memoryBytes)":\d+/g, '');
      }
      if (name === 'createKey')
        for (const each of [theirs, nobodys])
          each.text = each.text.replace(/"(id|key)":"[^"]*"|"(createdAt|expiresAt)":\d+/g, '');
      if (name === 'query')
        for (const each of [theirs, nobodys]) each.text = each.text.replace(/"timings":\{[^}]*\}/, '');
      assert.deepEqual(theirs, nobodys);
      assert.ok(!theirs.text.replaceAll(secret.toLowerCase(), '').includes(recording.id));
      if (route.role !== undefined) assert.equal(theirs.status, 403, theirs.text);
      else if (takesNames(route)) assert.equal(theirs.status, 404, theirs.text);
      // A list may be of one thing, which is not there.
      else assert.ok(theirs.status < 300 || theirs.status === 404, theirs.text);
      if (name !== 'query') assert.ok(!theirs.text.includes(secret), theirs.text);
    });
  }

  it('is in nobody else’s export, and nobody else can erase it', async () => {
    const exported = await (await server.request('maria', '/v1/account/export')).text();
    for (const word of [secret, recording.id]) assert.ok(!exported.includes(word), word);
    const whose = await server.request('maria', '/v1/account?confirm=alex', { method: 'DELETE' });
    const nobodys = await server.request('maria', '/v1/account?confirm=nobody', { method: 'DELETE' });
    assert.deepEqual([whose.status, nobodys.status], [400, 400]);
  });

  it('answers so to the end of an id too', async () => {
    const short = (id: string) => id.slice(-8);
    const shortNames = {
      ...names,
      recording: { theirs: short(recording.id), nobodys: short(unknown) },
    };
    for (const [name, route] of Object.entries<Route>(routes) as [RouteName, Route][]) {
      if (!route.path.includes('{recording}')) continue;
      const theirs = await comparable(await send('maria', name, 'theirs', shortNames), 'theirs', shortNames);
      const nobodys = await comparable(
        await send('maria', name, 'nobodys', shortNames),
        'nobodys',
        shortNames,
      );
      assert.deepEqual(theirs, nobodys, name);
      assert.equal(theirs.status, 404, name);
    }
  });

  it('is found by nobody else, however it is searched for', async () => {
    for (const user of ['maria', 'alex']) {
      const body = JSON.stringify({ question: `budget ${secret}` });
      const { hits } = await json<{ hits: unknown[] }>(user, '/v1/query', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(hits.length > 0, user === 'alex');
    }
  });

  it('is there for its owner: each of these requests finds what it names', async () => {
    const last = [...destructive];
    const others = (Object.keys(routes) as RouteName[]).filter(
      (name) => takesNames(routes[name]) && !last.includes(name) && !('role' in routes[name]),
    );
    // New notes have other actions.
    for (const name of [
      'updateAction' as const,
      ...others.filter((each) => each !== 'updateAction'),
      ...last,
    ]) {
      if (name === 'deleteRecording') continue;
      const response = await send('alex', name, 'theirs');
      assert.notEqual(response.status, 404, `${name}: ${await response.text()}`);
    }
  });

  it('is not changed by others who begin something under the same id, over HTTP or a socket', async () => {
    const path = `/v1/recordings/${recording.id}`;
    const snapshot = async () =>
      Promise.all(
        ['', '/transcript', '/notes', '/revisions', '/export?format=json'].map(async (suffix) =>
          (await server.request('alex', path + suffix)).text(),
        ),
      );
    const settled = async (user: string) => {
      while ((await json<Recording>(user, path)).state === 'processing')
        await new Promise((wake) => setTimeout(wake, 50));
    };
    await settled('alex');
    // Transcribed again just now: its notes follow.
    const notesRevision = async () => (await json<Notes>('alex', `${path}/notes`)).revision;
    while ((await notesRevision()) < (await json<Recording>('alex', path)).revision)
      await new Promise((wake) => setTimeout(wake, 50));
    const before = await snapshot();
    const imported = await server.request('maria', '/v1/recordings', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...requestOf('importRecording', names, 'theirs').body,
        id: recording.id,
        segments: [],
      }),
    });
    assert.equal(imported.status, 201);
    const hers = (await imported.json()) as Recording;
    assert.ok(!JSON.stringify(hers).includes(secret));
    const remove = async () => {
      assert.equal(
        (
          await server.request('maria', `${path}/commands`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ command: 'stop' }),
          })
        ).status,
        202,
      );
      await settled('maria');
      assert.equal((await server.request('maria', path, { method: 'DELETE' })).status, 204);
    };
    await remove();

    // Somebody else than who had one of this id just now: its audio goes in its own time.
    const session = await server.connect('carol');
    session.send(startMessage({ recordingId: recording.id, title: 'Mine' }));
    const { resumeFrom } = await session.next('ready');
    assert.deepEqual(resumeFrom, [{ track: 0, sample: 0 }]);
    const pcm = phrases(1);
    session.audio(pcm);
    session.send(finishMessage(pcm.length));
    await session.next('finished');
    await session.closed;
    assert.ok(!JSON.stringify(session.messages.filter(({ type }) => type === 'ready')).includes(secret));
    assert.equal((await server.request('carol', path, { method: 'DELETE' })).status, 204);
    assert.deepEqual(await snapshot(), before);
  });

  it('goes when its owner deletes it', async () => {
    assert.equal((await send('alex', 'deleteRecording', 'theirs')).status, 204);
    assert.equal((await send('alex', 'getRecording', 'theirs')).status, 404);
  });
});
