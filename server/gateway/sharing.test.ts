import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { LogChunk } from '../audio-log/audio-log.ts';
import { createFileAudioLog } from '../audio-log/file-audio-log.ts';
import { createInProcessCaptions } from '../captions/in-process-captions.ts';
import { systemClock } from '../clock.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { silentLog } from '../observability/log.ts';
import { createSpoken, notes } from '../store/suite/samples.ts';
import { createGateway } from './gateway.ts';
import { createLegacyUser } from './legacy-user.ts';
import type { GatewayServices } from './services.ts';

/** The gateway with as many users as there are tokens: a token is its user's name. */
const { store, dataDir, remove } = await temporaryStore();
const audioLog = createFileAudioLog({
  directory: join(dataDir, 'audio-log'),
  dataKey: (owner, id) => store.read(owner, (own) => own.dataKey(id)),
  log: silentLog,
});
const heard: string[] = [];
/** As long as the track of a recording without sound. */
async function* nothing(): AsyncGenerator<LogChunk> {
  yield* [] as LogChunk[];
}
const gateway = await createGateway({
  store,
  audioLog,
  captions: createInProcessCaptions(),
  bus: { observe: () => () => {}, idle: async () => {} },
  services: {
    openAudio(owner: string, id: string) {
      heard.push(`${owner}/${id}`);
      return nothing();
    },
  } as Partial<GatewayServices> as GatewayServices,
  authenticate: (token) => (token === 'nobody' ? undefined : token),
  loopbackOnly: true,
  legacyUser: createLegacyUser(silentLog),
  clock: systemClock,
  log: silentLog,
  version: '0.1.0',
});
after(async () => {
  await gateway.http.close();
  await audioLog.close();
  await remove();
  await rm(dataDir, { recursive: true, force: true });
});

async function ask(
  user: string,
  method: 'GET' | 'PUT' | 'DELETE' | 'PATCH' | 'POST',
  url: string,
  body?: object,
) {
  const response = await gateway.http.inject({
    method,
    url,
    headers: { host: 'localhost', authorization: `Bearer ${user}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: response.statusCode, text: response.body, json: () => JSON.parse(response.body) };
}

/** A recording of alice with notes, shared with bob. */
async function shared() {
  const id = await createSpoken(store, ['We launch in March.'], { title: 'Launch' }, 'alice');
  await store.transaction('alice', (own) => own.putNotes(notes(id, [])));
  const share = await ask('alice', 'PUT', `/v1/recordings/${id}/shares/bob`);
  assert.equal(share.status, 200, share.text);
  return id;
}

const readers = (id: string) => [
  `/v1/recordings/${id}`,
  `/v1/recordings/${id.slice(-8)}`,
  `/v1/recordings/${id}/transcript`,
  `/v1/recordings/${id}/revisions`,
  `/v1/recordings/${id}/notes`,
  ...['md', 'txt', 'srt', 'vtt', 'json'].map((format) => `/v1/recordings/${id}/export?format=${format}`),
  `/v1/recordings/${id}/audio`,
];

describe('a recording shared over HTTP', () => {
  it('answers every route that reads as it answers its owner', async () => {
    const id = await shared();
    for (const url of readers(id)) {
      const [own, other] = [await ask('alice', 'GET', url), await ask('bob', 'GET', url)];
      assert.equal(other.status, 200, url);
      assert.equal(other.text, own.text, url);
    }
    assert.deepEqual(heard.slice(-2), [`alice/${id}`, `alice/${id}`]);
    const list = await ask('bob', 'GET', '/v1/shared');
    assert.deepEqual(
      list
        .json()
        .recordings.map(({ owner, recording }: { owner: string; recording: { id: string } }) => [
          owner,
          recording.id,
        ]),
      [['alice', id]],
    );
  });

  it('answers every other route, and every other user, as a missing one does', async () => {
    const id = await shared();
    const missing = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
    const changes: [Parameters<typeof ask>[1], string, object?][] = [
      ['PATCH', '', { title: 'mine' }],
      ['DELETE', ''],
      ['POST', '/restore'],
      ['POST', '/commands', { command: 'stop' }],
      ['PUT', '/transcript', { baseRevision: 1, segments: [] }],
      ['POST', '/retranscribe', {}],
      ['POST', '/notes', {}],
      ['GET', '/shares'],
      ['PUT', '/shares/carol'],
      ['DELETE', '/shares/bob'],
      ['GET', '/audit'],
    ];
    const answer = async (user: string, which: string, [method, path, body]: (typeof changes)[number]) => {
      const { status, text } = await ask(user, method, `/v1/recordings/${which}${path}`, body);
      return { status, text: text.replaceAll(which, '…').replace(/"requestId":"[^"]*"/, '') };
    };
    for (const change of changes) {
      const given = await answer('bob', id, change);
      assert.equal(given.status, 404, change.join(' '));
      assert.deepEqual(given, await answer('bob', missing, change));
    }
    for (const url of readers(id)) {
      const given = await ask('carol', 'GET', url);
      assert.equal(given.status, 404, url);
    }
    const found = await ask('carol', 'GET', `/v1/recordings/${id}`);
    const absent = await ask('carol', 'GET', `/v1/recordings/${missing}`);
    const bare = (text: string) =>
      text
        .replace(id, '…')
        .replace(missing, '…')
        .replace(/"requestId":"[^"]*"/, '');
    assert.equal(bare(found.text), bare(absent.text));
  });

  it('is closed when it is taken back, and its owner sees who read it', async () => {
    const id = await shared();
    await ask('bob', 'GET', `/v1/recordings/${id}/notes`);
    assert.deepEqual(
      (await ask('alice', 'GET', `/v1/recordings/${id}/shares`))
        .json()
        .shares.map(({ reader }: { reader: string }) => reader),
      ['bob'],
    );
    assert.equal((await ask('alice', 'DELETE', `/v1/recordings/${id}/shares/bob`)).status, 204);
    assert.equal((await ask('alice', 'DELETE', `/v1/recordings/${id}/shares/bob`)).status, 404);
    for (const url of readers(id)) assert.equal((await ask('bob', 'GET', url)).status, 404);
    const trail = (await ask('alice', 'GET', `/v1/recordings/${id}/audit`)).json().entries;
    assert.deepEqual(
      trail.map(({ actor, action }: { actor: string; action: string }) => [actor, action]),
      [
        ['alice', 'recording.unshared'],
        ['bob', 'recording.read'],
        ['alice', 'recording.shared'],
      ],
    );
  });

  it('is seen under the old header by the user it names, and by nobody without it', async () => {
    const id = await shared();
    const asked = async (headers: Record<string, string>) =>
      (
        await gateway.http.inject({
          url: `/v1/recordings/${id}`,
          headers: { host: 'localhost', ...headers },
        })
      ).statusCode;
    assert.equal(await asked({ 'x-user-id': 'alice' }), 200);
    assert.equal(await asked({ 'x-user-id': 'carol' }), 404);
    assert.equal(await asked({ 'x-user-id': '../alice' }), 401);
    assert.equal(await asked({ authorization: 'Bearer nobody' }), 401);
  });

  it('is not what "last" means, nor is there one without sharing', async () => {
    await shared();
    assert.equal((await ask('bob', 'GET', '/v1/recordings/last')).status, 404);
    assert.equal((await ask('alice', 'PUT', '/v1/recordings/last/shares/alice')).status, 400);
  });
});
