import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Method, testGateway } from '../fixtures/test-gateway.ts';
import { silentLog } from '../observability/log.ts';
import { noMetrics } from '../observability/metrics.ts';
import { createSpoken, notes } from '../store/suite/samples.ts';
import { createLegacyUser } from './identity/legacy-user.ts';

const { store, heard, ask, close } = await testGateway({
  legacyUser: createLegacyUser({ log: silentLog, metrics: noMetrics }),
});
after(close);
// Somebody who was never here cannot be shared with.
await store.welcome('bob');

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
    const changes: [Method, string, object?][] = [
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
      (await ask('', 'GET', `/v1/recordings/${id}`, undefined, headers)).status;
    assert.equal(await asked({ 'x-user-id': 'alice' }), 200);
    assert.equal(await asked({ 'x-user-id': 'carol' }), 404);
    assert.equal(await asked({ 'x-user-id': '../alice' }), 401);
    assert.equal(await asked({ authorization: 'Bearer nobody' }), 401);
  });

  it('goes to nobody who was never here, and leaves nothing of that name behind', async () => {
    const id = await createSpoken(store, ['We launch.'], {}, 'alice');
    for (const user of ['dave', 'eve']) {
      const { status, text } = await ask('alice', 'PUT', `/v1/recordings/${id}/shares/${user}`);
      assert.equal(status, 404, text);
      assert.match(text, /"code":"not_found"/);
    }
    assert.deepEqual((await ask('alice', 'GET', `/v1/recordings/${id}/shares`)).json().shares, []);
    // To ask for one's own name is enough to be known by it.
    assert.equal((await ask('eve', 'GET', '/v1/identity')).status, 200);
    assert.equal((await ask('alice', 'PUT', `/v1/recordings/${id}/shares/eve`)).status, 200);
  });

  it('is not what "last" means, nor is there one without sharing', async () => {
    await shared();
    assert.equal((await ask('bob', 'GET', '/v1/recordings/last')).status, 404);
    assert.equal((await ask('alice', 'PUT', '/v1/recordings/last/shares/alice')).status, 400);
  });
});
