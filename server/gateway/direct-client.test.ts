import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createHttpClient } from '@speakr/client/http';
import type { SpeakrClient } from '@speakr/contracts/generated/client';
import { SpeakrError } from '@speakr/contracts/problem';
import { recordSound, testApp } from '../fixtures/test-app.ts';

const server = await testApp({ after: (hook) => after(hook as () => void) });
const id = await recordSound(server, undefined, { tags: ['web', 'launch'] });
const overHttp = createHttpClient({ baseUrl: server.url, token: server.app.token });

/** What a caller sees: the answer, or the error in all it says. */
async function outcome(call: (client: SpeakrClient) => Promise<unknown>, client: SpeakrClient) {
  try {
    return await call(client);
  } catch (error) {
    assert.ok(error instanceof SpeakrError, String(error));
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

test('without HTTP everything is as over HTTP, also where the process only reads', async (t) => {
  const reader = await testApp(t, { dataDir: server.dataDir, roles: 'read' });
  const direct = reader.app.clientOf('local');
  const params = { recording: id };
  const calls: Record<string, (client: SpeakrClient) => Promise<unknown>> = {
    list: (client) => client.listRecordings({ query: { tag: ['web', 'launch'], limit: 5 } }),
    'list by one tag': (client) => client.listRecordings({ query: { tag: ['web'] } }),
    show: (client) => client.getRecording({ params: { recording: 'last' } }),
    transcript: (client) => client.getTranscript({ params }),
    document: async (client) => (await client.exportRecording({ params, query: { format: 'srt' } })).text(),
    'type of a document': async (client) =>
      (await client.exportRecording({ params, query: { format: 'md' } })).headers.get('content-disposition'),
    rename: async (client) => (await client.updateRecording({ params, body: { title: 'A/B: ü?' } })).title,
    'nothing there': (client) => client.getRecording({ params: { recording: 'a/../b?c' } }),
    'a limit that is none': (client) => client.listRecordings({ query: { limit: -1 } }),
    'a NUL': (client) => client.getRecording({ params: { recording: 'a\0b' } }),
    'a body that is wrong': (client) => client.updateRecording({ params, body: { title: 7 as never } }),
  };
  for (const [name, call] of Object.entries(calls))
    assert.deepEqual(await outcome(call, direct), await outcome(call, overHttp), name);
  const { hits } = await direct.query({ body: { question: 'launch' } });
  assert.equal(hits[0]?.recordingId, id);
});

test('a call without HTTP can be given up', async () => {
  const direct = server.app.clientOf('local');
  await assert.rejects(direct.getStatus({}, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('bytes go in and out without HTTP as they come', async () => {
  const direct = server.app.clientOf('local');
  const sound = await (await overHttp.getAudio({ params: { recording: id } })).bytes();
  assert.deepEqual(await (await direct.getAudio({ params: { recording: id } })).bytes(), sound);
  const stream = new Blob([sound]).stream() as ReadableStream<Uint8Array>;
  for (const content of [sound, stream]) {
    const { bytes } = await direct.uploadFile({ query: { name: 'sound.wav' }, content });
    assert.equal(bytes, sound.length);
  }
});
