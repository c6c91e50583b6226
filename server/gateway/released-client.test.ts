import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientRoutes, type SpeakrClient } from '@speakr/contracts/released/client';
import { v7 as uuidv7 } from 'uuid';
import { until } from '../../scripts/until.ts';
import { recordSound, type TestApp, testApp } from '../fixtures/test-app.ts';

// A program that was built with the client of the last released contract, against the server of today.

interface CallInput {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly content?: Uint8Array;
}

/** What such a program has built in: the released table of routes, and fetch. */
function releasedClient({ request }: TestApp, used: Set<string>): SpeakrClient {
  const methods = Object.entries(clientRoutes).map(([name, route]) => [
    name,
    async ({ params = {}, query = {}, body, content }: CallInput = {}) => {
      const path = route.path.replaceAll(/\{(\w+)\}/g, (_, each: string) =>
        encodeURIComponent(params[each] ?? ''),
      );
      const search = new URLSearchParams(
        Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
      );
      const response = await request(search.size === 0 ? path : `${path}?${search}`, {
        method: route.method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        ...(content === undefined
          ? {}
          : { body: new Uint8Array(content), headers: { 'content-type': 'application/octet-stream' } }),
      });
      assert.ok(response.ok, `${name}: ${response.status} ${response.ok ? '' : await response.text()}`);
      used.add(name);
      if (route.response === 'json') return response.json();
      if (route.response === 'document') return response;
      return undefined;
    },
  ]);
  return Object.fromEntries(methods) as SpeakrClient;
}

test('every call of the last released contract still does what it did', async (t) => {
  const app = await testApp(t, { turns: ['Alex will send the budget by Friday.'] });
  const used = new Set<string>();
  const client = releasedClient(app, used);
  const id = await recordSound(app);
  const byId = { params: { recording: id } };

  assert.equal((await client.getStatus()).profile, 'embedded');
  assert.equal((await client.getIdentity()).user, 'local');
  assert.equal((await client.listRecordings({ query: { limit: 10 } })).recordings[0]?.id, id);
  assert.equal((await client.getRecording(byId)).state, 'ready');
  const renamed = await client.updateRecording({ ...byId, body: { title: 'Budget', tags: ['q1'] } });
  assert.deepEqual([renamed.title, renamed.tags], ['Budget', ['q1']]);
  const transcript = await client.getTranscript(byId);
  assert.match(transcript.segments[0]?.text ?? '', /budget/);
  assert.ok((await client.listRevisions(byId)).revisions.length > 0);
  const edited = await client.editTranscript({
    ...byId,
    body: {
      baseRevision: transcript.revision,
      segments: [{ id: transcript.segments[0]!.id, text: 'Alex sends it.' }],
    },
  });
  assert.equal(edited.revision, transcript.revision + 1);
  await client.importTranscript({
    ...byId,
    body: { origin: 'live', language: 'en', model: 'elsewhere', segments: edited.segments },
  });
  assert.ok((await client.getNotes(byId)).markdown.length > 0);
  assert.ok((await client.writeNotes({ ...byId, body: { template: 'plain' } })).markdown.length > 0);
  const document = await client.exportRecording({ ...byId, query: { format: 'md' } });
  assert.match(await document.text(), /# Budget/);
  assert.equal((await client.getAudio(byId)).headers.get('content-type'), 'audio/wav');
  assert.deepEqual((await client.listShares(byId)).shares, []);
  assert.ok(Array.isArray((await client.getAuditTrail(byId)).entries));
  assert.deepEqual((await client.listShared()).recordings, []);
  await until(
    'it is found',
    async () => (await client.query({ body: { question: 'Alex sends' } })).hits.length > 0,
  );
  const { actions } = await client.listActions({ query: { done: 'all' } });
  if (actions[0] !== undefined)
    await client.updateAction({ params: { action: actions[0].action.id }, body: { done: true } });
  const { jobs } = await client.listJobs();
  assert.ok(jobs.length > 0);
  assert.equal((await client.getJob({ params: { job: jobs[0]!.id } })).id, jobs[0]!.id);
  await client.changeVocabulary({ body: { add: [{ term: 'Zanzibar' }] } });
  assert.equal((await client.getVocabulary()).terms[0]?.term, 'Zanzibar');
  const key = await client.createKey({ body: { name: 'ci', scopes: ['read'] } });
  assert.equal((await client.listKeys()).keys[0]?.id, key.id);
  await client.revokeKey({ params: { key: key.id } });
  assert.ok((await client.getAccountAudit()).entries.length > 0);
  assert.equal((await client.getStorage()).recordings, 1);
  const imported = uuidv7();
  const about = {
    source: 'old.mp3',
    startedAt: 1,
    language: 'en',
    tags: [],
    template: 'meeting',
    segments: [],
  };
  assert.equal((await client.importRecording({ body: { id: imported, ...about } })).id, imported);
  await client.commandRecording({ params: { recording: imported }, body: { command: 'cancel' } });
  await client.restoreRecording({ params: { recording: imported } });
  const upload = await client.beginUpload({ body: { id: uuidv7(), recordingId: uuidv7(), name: 'a.wav' } });
  assert.equal((await client.getUpload({ params: { upload: upload.id } })).state, 'open');
  await client.abortUpload({ params: { upload: upload.id } });
  await client.retranscribeRecording({ ...byId, body: {} });
  await until('it is transcribed', async () => (await client.getRecording(byId)).state === 'ready');
  await client.deleteRecording(byId);

  // Those that need more than one user, a file, or something that fails; their own tests ask them.
  const elsewhere = ['shareRecording', 'unshareRecording', 'cancelJob', 'retryJob', 'updateAction'];
  const files = ['uploadFile', 'putUploadPart', 'completeUpload'];
  const left = Object.keys(clientRoutes).filter(
    (name) => !used.has(name) && ![...elsewhere, ...files].includes(name),
  );
  assert.deepEqual(left, []);
});
