import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recording } from '@speakr/contracts/recording';
import { until } from '../../scripts/until.ts';
import { finishMessage, phrases, startMessage } from '../fixtures/test-app.ts';
import { fleetMissing, testFleet } from '../fixtures/test-fleet.ts';

const missing = await fleetMissing();
const words = ['gateway', 'transcriber', 'nlp', 'embedder', 'notes', 'archiver', 'admin'] as const;

describe('a fleet', { skip: missing }, () => {
  it('records over processes that share nothing but services, from socket to notes and archive', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(['gateway']);
    for (const role of words.slice(1)) await fleet.start([role]);
    const start = startMessage();
    const pcm = phrases(3);
    const session = await gateway.connect('alex');
    session.send(start);
    await session.next('ready');
    session.audio(pcm);
    await session.next('final');
    session.send(finishMessage(pcm.length));
    const { receipt } = await session.next('finished');
    assert.deepEqual(
      [receipt.capturedMs, receipt.acknowledgedMs, receipt.transcribedMs, receipt.gaps],
      [pcm.length / 16, pcm.length / 16, pcm.length / 16, []],
    );
    const { notes } = await session.next('notes');
    assert.match(notes.markdown, /March/);

    const path = `/v1/recordings/${start.recordingId}`;
    const recording = (await (await gateway.request('alex', path)).json()) as Recording;
    assert.equal(recording.state, 'ready');
    const archived = async () => {
      for await (const { key } of fleet.storage.list('audio/')) return key;
    };
    await until('the audio is archived', async () => (await archived()) !== undefined);
    const audio = await (await gateway.request('alex', `${path}/audio`)).arrayBuffer();
    assert.ok(Buffer.from(audio).subarray(44).equals(Buffer.from(pcm.buffer)));

    for (const suffix of ['', '/audio', '/transcript', '/notes'])
      assert.equal((await gateway.request('maria', path + suffix)).status, 404);
    assert.equal((await gateway.request('alex', path, { method: 'DELETE' })).status, 204);
    await until('the archive is gone', async () => (await archived()) === undefined);
  });
});
