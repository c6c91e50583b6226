import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { QueryResponse } from '@speakr/contracts/search';
import { testGateway } from '../fixtures/test-gateway.ts';
import { silentLog } from '../observability/log.ts';
import { createSpoken, notes } from '../store/suite/samples.ts';
import { createAccessLog } from './access-log.ts';
import type { GatewayServices } from './services.ts';

const hits: { recordingId: string }[] = [];
const { store, ask, close } = await testGateway({
  services: {
    query: async (): Promise<QueryResponse> => ({ hits }) as unknown as QueryResponse,
  } as unknown as GatewayServices,
});
after(close);

const trail = async (owner: string) =>
  (await store.read(owner, (own) => own.listAccountAudit({ limit: 200 }))).entries
    .reverse()
    .map(({ actor, action, recordingId }) => [actor, action, recordingId ?? '']);

describe('what is read is written down', () => {
  it('each kind of content, with who and what, before it is given out', async () => {
    const id = await createSpoken(store, ['We launch in March.'], { title: 'Launch' }, 'alice');
    const other = await createSpoken(store, ['Later.'], { title: 'Later' }, 'alice');
    await store.transaction('alice', (own) => own.putNotes(notes(id, [])));
    hits.push({ recordingId: id }, { recordingId: id }, { recordingId: other });
    const asked = async (path: string, body?: object) => {
      const answer = await ask('alice', body === undefined ? 'GET' : 'POST', path, body);
      assert.equal(answer.status, 200, answer.text);
    };
    await asked(`/v1/recordings/${id}/transcript`);
    await asked(`/v1/recordings/${id}/notes`);
    await asked(`/v1/recordings/${id}/export?format=md`);
    await asked(`/v1/recordings/${id}/audio`);
    await asked('/v1/query', { question: 'when?' });
    await asked('/v1/actions');
    await asked('/v1/recordings');
    assert.deepEqual(await trail('alice'), [
      ['alice', 'transcript.read', id],
      ['alice', 'notes.read', id],
      ['alice', 'document.read', id],
      ['alice', 'audio.read', id],
      ['alice', 'search.hit', id],
      ['alice', 'search.hit', other],
      ['alice', 'actions.read', ''],
    ]);
  });

  it('not what was not there', async () => {
    const before = await trail('alice');
    const answer = await ask(
      'alice',
      'GET',
      '/v1/recordings/0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e/transcript',
    );
    assert.equal(answer.status, 404);
    assert.deepEqual(await trail('alice'), before);
  });

  it('or it is not given out, save on one’s own machine', async () => {
    const failing = { noteAccess: () => Promise.reject(new SpeakrError('disk_full')) };
    const entry = [{ owner: 'alice', actor: 'alice', action: 'notes.read' }] as const;
    await assert.rejects(createAccessLog({ store: failing, mayFail: false, log: silentLog })(entry), {
      code: 'disk_full',
    });
    await createAccessLog({ store: failing, mayFail: true, log: silentLog })(entry);
  });
});
