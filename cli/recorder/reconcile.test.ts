import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpClient } from '@speakr/client/http';
import { SpeakrError } from '@speakr/contracts/problem';
import { recordSound, startMessage, type TestApp, testApp } from '../../server/fixtures/test-app.ts';
import { reconcile } from './reconcile.ts';

const apiOf = ({ url, app }: TestApp) => createHttpClient({ baseUrl: url, token: app.token });
const gone = (error: unknown) => error instanceof SpeakrError && error.code === 'not_found';

test('transcripts, edits, title and tags made here come after what the server made; repeating changes nothing', async (t) => {
  const here = await testApp(t, { turns: ['We launch in March.'] });
  const there = await testApp(t, { turns: ['We lunch in March.'] });
  const [local, remote] = [apiOf(here), apiOf(there)];
  const { recordingId } = startMessage();
  for (const server of [here, there]) await recordSound(server, undefined, { recordingId });
  const params = { recording: recordingId };
  const { segments, revision } = await local.getTranscript({ params });
  const changed = { id: segments[0]!.id, text: 'We launch in April.' };
  await local.editTranscript({ params, body: { baseRevision: revision, segments: [changed] } });
  await local.updateRecording({ params, body: { title: 'Launch', tags: ['launch'] } });
  const theirs = (await remote.getRecording({ params })).revision;

  await reconcile({ recordingId, local, remote });
  const newest = await remote.getTranscript({ params });
  assert.deepEqual(
    newest.segments.map(({ text }) => text),
    ['We launch in April.', 'We launch in March.'],
  );
  assert.equal(newest.origin, 'edit');
  assert.equal(newest.segments[0]?.id, `${newest.revision}.0.0`);
  assert.ok(newest.revision > theirs);
  const first = await remote.getTranscript({ params, query: { revision: theirs } });
  assert.equal(first.segments[0]?.text, 'We lunch in March.', 'what the server made stays');
  const { title, tags } = await remote.getRecording({ params });
  assert.deepEqual([title, tags], ['Launch', ['launch']]);
  await assert.rejects(local.getRecording({ params }), gone);

  // The second time finds nothing here; an import that is repeated after a crash finds itself there.
  await reconcile({ recordingId, local, remote });
  const { origin, language, model } = newest;
  const again = await remote.importTranscript({
    params,
    body: { origin, language, model, segments: newest.segments },
  });
  assert.equal(again.revision, newest.revision);
});

test('what this machine has only begun is removed', async (t) => {
  const here = await testApp(t);
  const local = apiOf(here);
  const start = startMessage();
  const session = await here.connect();
  session.send(start);
  await session.next('ready');
  session.socket.terminate();
  const remote = new Proxy({} as typeof local, { get: () => assert.fail('nothing is to be told') });
  await reconcile({ recordingId: start.recordingId, local, remote });
  await assert.rejects(local.getRecording({ params: { recording: start.recordingId } }), gone);
});
