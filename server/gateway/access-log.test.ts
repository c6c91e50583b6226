import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { keepsReply, type Route, type RouteName, routes } from '@speakr/contracts/api';
import { SpeakrError } from '@speakr/contracts/problem';
import type { QueryResponse } from '@speakr/contracts/search';
import { z } from 'zod';
import { openSocket, startMessage } from '../fixtures/test-app.ts';
import { testGateway } from '../fixtures/test-gateway.ts';
import { silentLog } from '../observability/log.ts';
import { createSpoken, notes, segment } from '../store/suite/samples.ts';
import { createAccessLog } from './access-log.ts';
import type { GatewayServices } from './services.ts';

const hits: { recordingId: string; text?: string }[] = [];
const { gateway, store, ask, close } = await testGateway({
  services: {
    query: async (): Promise<QueryResponse> => ({ hits }) as unknown as QueryResponse,
    writeNotes: (owner: string, id: string) => store.read(owner, (own) => own.getNotes(id)),
  } as unknown as GatewayServices,
});
const port = Number(new URL(await gateway.http.listen({ host: '127.0.0.1', port: 0 })).port);
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

const SAID = 'We sail to Zanzibar.';

/** A recording that is done, with notes and an action item, which all say the same. */
async function createDone(owner: string): Promise<string> {
  const id = await createSpoken(store, [SAID], { title: 'Travel' }, owner);
  await store.transaction(owner, async (own) => {
    await own.completeRevision(id, 1);
    await own.updateRecording(id, { state: 'ready' });
    await own.putNotes(notes(id, [SAID], { markdown: SAID }));
  });
  return id;
}

interface Asked {
  readonly url: (id: string) => string;
  readonly body?: object;
  readonly action: string;
  /** Whether the entry says which recording; else it is about all of them. */
  readonly isOfAll?: true;
}

const ofRecording = (path: string) => (id: string) => `/v1/recordings/${id}/${path}`;

/** Routes that answer content, and what that is in the audit log. */
const content: { readonly [N in RouteName]?: Asked } = {
  getTranscript: { url: ofRecording('transcript'), action: 'transcript.read' },
  editTranscript: {
    url: ofRecording('transcript'),
    body: { baseRevision: 1, segments: [] },
    action: 'transcript.read',
  },
  importTranscript: {
    url: ofRecording('transcript'),
    body: { origin: 'import', language: 'en', model: 'other', segments: [segment(0, SAID)] },
    action: 'transcript.read',
  },
  getNotes: { url: ofRecording('notes'), action: 'notes.read' },
  writeNotes: { url: ofRecording('notes'), body: {}, action: 'notes.read' },
  exportRecording: { url: ofRecording('export?format=md'), action: 'document.read' },
  getAudio: { url: ofRecording('audio'), action: 'audio.read' },
  query: { url: () => '/v1/query', body: { question: 'where to?' }, action: 'search.hit' },
  listActions: { url: () => '/v1/actions', action: 'actions.read', isOfAll: true },
  updateAction: {
    url: (id) => `/v1/actions/${id}.0`,
    body: { done: false },
    action: 'actions.read',
    isOfAll: true,
  },
  exportAccount: { url: () => '/v1/account/export', action: 'account.exported', isOfAll: true },
};

/** All other routes that answer anything, by what it is: docs/security.md says what counts as content. */
const other: Readonly<Record<string, readonly RouteName[]>> = {
  'what recordings are called and how they are': [
    'listRecordings',
    'importRecording',
    'getRecording',
    'updateRecording',
    'restoreRecording',
    'commandRecording',
    'retranscribeRecording',
    'listShared',
  ],
  'which revisions there are, without their text': ['listRevisions'],
  'who may read, and who did': ['listShares', 'shareRecording', 'getAuditTrail', 'getAccountAudit'],
  'what arrives, as its sender named it': [
    'uploadFile',
    'beginUpload',
    'getUpload',
    'putUploadPart',
    'completeUpload',
  ],
  'states of jobs': ['listJobs', 'getJob', 'cancelJob', 'retryJob'],
  'words that the user typed to be listened for': ['getVocabulary', 'changeVocabulary'],
  'what the server and the account are': [
    'getStatus',
    'getIdentity',
    'getPolicy',
    'getStorage',
    'listKeys',
    'createKey',
    'eraseAccount',
  ],
  'numbers, times, states and names, of which the store shows administrators no more': [
    'getJobStatistics',
    'getSystemHealth',
    'getPerformance',
    'listUsers',
    'getQuotas',
    'listDeadLetters',
    'replayDeadLetters',
    'getAdminAudit',
    'getModelRegistry',
    'registerModel',
    'addEvaluation',
    'evaluateEmbedder',
    'promoteModel',
    'rollbackModel',
    'listPolicies',
    'getPolicyOf',
    'changePolicy',
  ],
};

/** Whether what was said, or made from it, is somewhere in the answer. */
function answersContent({ response }: Route): boolean {
  if (response === null) return false;
  if (!('parse' in response)) return true;
  return /\b(Segment|Notes|NotesLine|ActionItem|QueryHit|AnswerSentence)"/.test(
    JSON.stringify(z.toJSONSchema(response)),
  );
}

describe('of all routes', () => {
  const all = Object.entries(routes) as [RouteName, Route][];

  it('it is known whether they answer content', () => {
    const answering = all.filter(([, { response }]) => response !== null).map(([name]) => name);
    const listed = [...Object.keys(content), ...Object.values(other).flat()];
    assert.deepEqual(listed.toSorted(), answering.toSorted(), 'a new route: does it answer content?');
    assert.deepEqual(
      all.filter(([, route]) => answersContent(route)).map(([name]) => name),
      all.filter(([name]) => name in content).map(([name]) => name),
    );
  });

  for (const [name, { url, body, action, isOfAll }] of Object.entries(content))
    it(`${name} is in the audit log, each time that it answers`, async () => {
      const owner = `user of ${name}`.replaceAll(' ', '-');
      const route: Route = routes[name as RouteName];
      const id = await createDone(owner);
      hits.splice(0, hits.length, { recordingId: id, text: SAID });
      const entry = [owner, action, isOfAll ? '' : id];
      // Kept answers are given out without asking the route again.
      const times = keepsReply(route) ? 2 : 1;
      for (let time = 1; time <= times; time += 1) {
        const answer = await ask(owner, route.method, url(id), body, {
          ...(times === 2 ? { 'idempotency-key': 'once' } : {}),
        });
        assert.equal(answer.status, route.status, answer.text);
        assert.equal(answer.headers['idempotency-replayed'], time === 2 ? 'true' : undefined);
        if (name !== 'getAudio') assert.match(answer.text, /Zanzibar/);
        assert.deepEqual(await trail(owner), Array(time).fill(entry));
      }
    });

  it('the live socket has captions and notes in it, each time that it tells them', async () => {
    const id = await createDone('ada');
    for (const time of [1, 2]) {
      const session = await openSocket(`ws://127.0.0.1:${port}/ws/transcribe`, 'ada');
      session.send(startMessage({ recordingId: id }));
      assert.match(JSON.stringify(await session.next('final')), /Zanzibar/);
      assert.match(JSON.stringify(await session.next('notes')), /Zanzibar/);
      await session.closed;
      const told = [
        ['ada', 'captions.read', id],
        ['ada', 'notes.read', id],
      ];
      assert.deepEqual(await trail('ada'), Array(time).fill(told).flat());
    }
  });
});
