import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Erasure } from '@speakr/contracts/account';
import type { Recording } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import { until } from '../../scripts/until.ts';
import { finishMessage, phrases, recordSound, startMessage } from '../../server/fixtures/test-app.ts';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { ownerToken } from '../../server/owner-token.ts';
import { embeddedPlace, hostedPlace, type Place } from './place.ts';
import { readTar } from './read-tar.ts';

// What `speakr privacy` promises, on the real services of both profiles: an export has everything, and of somebody who
// was erased nothing is left, by a look into every table, stream, object and file.

const RECORDINGS = 50;
const AT_ONCE = 10;
const SECRET = 'Zanzibar';

const json = { 'content-type': 'application/json' };

function asking(place: Place) {
  const ask = async (user: string, method: string, path: string, body?: object) => {
    const init = body === undefined ? { method } : { method, headers: json, body: JSON.stringify(body) };
    const response = await place.request(user, path, init);
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
    return response;
  };
  return {
    ask,
    get: async <T>(user: string, path: string) => (await (await ask(user, 'GET', path)).json()) as T,
    async export(user: string, after?: string): Promise<Map<string, Buffer>> {
      const query = after === undefined ? '' : `?after=${after}`;
      const response = await ask(user, 'GET', `/v1/account/export${query}`);
      return readTar(Buffer.from(await response.arrayBuffer()));
    },
    erase: async (user: string) =>
      (await (await ask(user, 'DELETE', `/v1/account?confirm=${user}`)).json()) as Erasure,
  };
}

/** Records as many as that, some at once. */
async function record(place: Place, user: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  const source = { connect: () => place.connect(user) };
  while (ids.length < count) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - ids.length) }, (_, index) =>
      recordSound(source, phrases(1, 500, 500), { title: `${SECRET} ${ids.length + index}`, tags: [SECRET] }),
    );
    ids.push(...(await Promise.all(batch)));
  }
  return ids;
}

/** Everything that a user can have. */
async function fillAccount(place: Place, user: string, count: number) {
  const { ask, get } = asking(place);
  // Somebody who was never here cannot be shared with.
  if (place.other !== undefined) await get(place.other, '/v1/status');
  const ids = await record(place, user, count);
  const [first = '', second = ''] = ids;
  await ask(user, 'PATCH', '/v1/vocabulary', { add: [{ term: SECRET }] });
  const key = (await (await ask(user, 'POST', '/v1/keys', { name: SECRET, scopes: ['read'] })).json()) as {
    id: string;
  };
  const transcript = await get<Transcript>(user, `/v1/recordings/${first}/transcript`);
  const [segment] = transcript.segments;
  await ask(user, 'PUT', `/v1/recordings/${first}/transcript`, {
    baseRevision: transcript.revision,
    segments: [{ id: segment!.id, text: `${SECRET}, corrected.` }],
  });
  if (place.other !== undefined) await ask(user, 'PUT', `/v1/recordings/${second}/shares/${place.other}`);
  const upload = {
    id: '0199f3a1-8a2b-7c33-9e44-5f6a7b8c9d0e',
    recordingId: '0199f3a1-8a2b-7c33-9e44-5f6a7b8c9d0f',
  };
  await ask(user, 'POST', '/v1/uploads/init', { ...upload, name: `${SECRET}.wav` });
  const part = await place.request(
    user,
    `/v1/uploads/${upload.id}/parts/1?sha256=${createHash('sha256').update(SECRET).digest('hex')}`,
    {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from(SECRET),
    },
  );
  assert.ok(part.ok, `${part.status} ${await part.text()}`);
  return { ids, key: key.id, upload, corrected: first, shared: second };
}

function suite(profile: string, make: (t: never) => Promise<Place>, missing: string | false): void {
  describe(`privacy, ${profile}`, { skip: missing }, () => {
    it('an export has everything, an erasure leaves nothing', async (t) => {
      const place = await make(t as never);
      const { user, other } = place;
      const { get, erase, ...client } = asking(place);
      const mine = await fillAccount(place, user, RECORDINGS);
      const others = other === undefined ? [] : await record(place, other, 2);
      const ofOther = async () =>
        other === undefined
          ? []
          : await Promise.all(
              others.flatMap((id) =>
                ['', '/transcript', '/notes', '/audio'].map(async (what) =>
                  Buffer.from(
                    await (await client.ask(other, 'GET', `/v1/recordings/${id}${what}`)).arrayBuffer(),
                  ).toString('base64'),
                ),
              ),
            );
      const before = await ofOther();

      const files = await client.export(user);
      const read = <T>(name: string): T => {
        assert.ok(files.has(name), `${name} is missing`);
        return JSON.parse(String(files.get(name))) as T;
      };
      for (const id of mine.ids) {
        const folder = `recordings/${id}`;
        const { recording } = read<{ recording: Recording }>(`${folder}/recording.json`);
        assert.match(recording.title, new RegExp(SECRET));
        assert.deepEqual(recording, await get(user, `/v1/recordings/${id}`));
        assert.deepEqual(read(`${folder}/notes.json`), await get(user, `/v1/recordings/${id}/notes`));
        const { revisions } = await get<{ revisions: { revision: number }[] }>(
          user,
          `/v1/recordings/${id}/revisions`,
        );
        for (const { revision } of revisions)
          assert.deepEqual(
            read(`${folder}/transcript/revision-${revision}.json`),
            await get(user, `/v1/recordings/${id}/transcript?revision=${revision}`),
          );
        const { jobs } = read<{ jobs: unknown[] }>(`${folder}/jobs.json`);
        assert.ok(jobs.length > 0);
        const audio = await client.ask(user, 'GET', `/v1/recordings/${id}/audio`);
        assert.deepEqual(files.get(`${folder}/audio/track-0.wav`), Buffer.from(await audio.arrayBuffer()));
      }
      assert.match(
        String(
          [...files]
            .filter(([name]) => name.includes(`${mine.corrected}/transcript`))
            .map(([, file]) => file),
        ),
        /Zanzibar, corrected\./,
      );
      assert.match(String(files.get('vocabulary.json')), /Zanzibar/);
      assert.match(String(files.get('keys.json')), new RegExp(mine.key));
      assert.match(String(files.get('audit/000001.json')), /key\.created/);
      assert.match(String(files.get('audit/000001.json')), /account\.exported/);
      assert.match(String(files.get(`uploads/${mine.upload.id}/upload.json`)), /Zanzibar\.wav/);
      assert.equal(String(files.get(`uploads/${mine.upload.id}/00001`)), SECRET);
      assert.equal(String(files.get('export.json')).includes(`"user": "${user}"`), true);
      if (other !== undefined) {
        assert.match(String(files.get(`recordings/${mine.shared}/shares.json`)), new RegExp(other));
        for (const id of others) assert.ok(![...files.keys()].some((name) => name.includes(id)));
      }
      // One that broke off goes on after the last recording that is whole.
      const sorted = mine.ids.toSorted();
      const rest = await client.export(user, sorted[RECORDINGS - 3]);
      const whole = [...rest.keys()].filter((name) => name.endsWith('recording.json')).length;
      assert.deepEqual([whole, rest.has('keys.json'), rest.has('end.json')], [2, false, true]);

      const names = [
        ...mine.ids,
        mine.key,
        mine.upload.id,
        mine.upload.recordingId,
        SECRET,
        ...(other === undefined ? [] : [user, ownerToken(user)]),
      ];
      // The look finds what is there: otherwise that it finds nothing later would mean nothing.
      const found = await place.traces(names);
      for (const id of [...mine.ids, mine.key, mine.upload.id])
        assert.ok(
          found.some((trace) => trace.includes(id)),
          `${id} is nowhere`,
        );
      // What was said and named is sealed wherever it is; in clear it would be found.
      assert.deepEqual(await place.traces([SECRET]), []);
      const canary = await place.canary(SECRET);
      const kinds = (await place.traces([SECRET])).map((trace) => trace.split(' ')[0]);
      assert.deepEqual(kinds.toSorted(), canary.kinds.toSorted());
      await canary.remove();

      const refused = await place.request(user, '/v1/account?confirm=somebody', { method: 'DELETE' });
      assert.equal(refused.status, 400);
      const erased = await erase(user);
      assert.deepEqual([erased.recordings, erased.uploads, erased.keys], [RECORDINGS, 1, 1]);
      await until('nothing is left', async () => (await place.traces(names)).length === 0, {
        limitMs: 80_000,
      }).catch(() => undefined);
      assert.deepEqual(await place.traces(names), []);
      assert.deepEqual(await ofOther(), before);
      const again = await erase(user);
      assert.deepEqual([again.recordings, again.keys, again.auditEntries], [0, 0, 0]);

      // What comes afterwards begins anew, with another key.
      assert.deepEqual(await get(user, '/v1/recordings'), { recordings: [] });
      const [id] = await record(place, user, 1);
      assert.equal((await get<Recording>(user, `/v1/recordings/${id}`)).state, 'ready');
      if (other !== undefined) {
        const shown = await place.request(other, `/v1/recordings/${mine.shared}`);
        assert.equal(shown.status, 404);
      }
    });

    it('what is being recorded is discarded, and so is what begins meanwhile', async (t) => {
      const place = await make(t as never);
      const { user } = place;
      const { erase, get } = asking(place);
      const start = startMessage({ title: SECRET });
      const recorder = await place.connect(user);
      recorder.send(start);
      await recorder.next('ready');
      const pcm = phrases(4);
      recorder.audio(pcm.subarray(0, 32_000));
      await recorder.next('ack', ({ samples }) => samples > 0);
      const silent = startMessage();
      const mute = await place.connect(user);
      mute.send(silent);
      await mute.next('ready');
      mute.audio(phrases(1));
      // The first discards as it is told; the other says nothing to it, and its connection is cut.
      void recorder
        .next('command', ({ command }) => command === 'cancel')
        .then(() => {
          recorder.send({ type: 'cancel' });
        });
      const erased = await erase(user);
      assert.equal(erased.recordings, 2);
      await Promise.all([recorder.closed, mute.closed]);
      await until(
        'nothing is left',
        async () => (await place.traces([start.recordingId, silent.recordingId])).length === 0,
      );
      assert.deepEqual(await get(user, '/v1/recordings'), { recordings: [] });
    });

    it('an export while something is recorded has it as far as it is there', async (t) => {
      const place = await make(t as never);
      const { user } = place;
      const client = asking(place);
      const start = startMessage({ title: SECRET });
      const recorder = await place.connect(user);
      recorder.send(start);
      await recorder.next('ready');
      const pcm = phrases(2);
      recorder.audio(pcm);
      await recorder.next('ack', ({ samples }) => samples === pcm.length);
      const files = await client.export(user);
      const { recording } = JSON.parse(String(files.get(`recordings/${start.recordingId}/recording.json`)));
      assert.deepEqual([recording.state, recording.tracks[0].samples], ['recording', pcm.length]);
      const wav = files.get(`recordings/${start.recordingId}/audio/track-0.wav`);
      assert.equal(wav?.length, 44 + pcm.length * 2);
      recorder.send(finishMessage(pcm.length));
      await recorder.next('finished');
    });
  });
}

suite('embedded', embeddedPlace, false);
suite('hosted', hostedPlace, await fleetMissing());

it('the archive is one that tar reads', async (t) => {
  const place = await embeddedPlace(t);
  const [id] = await record(place, place.user, 1);
  const response = await place.request(place.user, '/v1/account/export');
  assert.match(response.headers.get('content-disposition') ?? '', /speakr-\d{4}-\d\d-\d\d\.tar/);
  const folder = mkdtempSync(join(tmpdir(), 'speakr-tar-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.tar'), Buffer.from(await response.arrayBuffer()));
  const { stdout, stderr, status } = spawnSync('tar', ['-xvf', 'a.tar'], { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(stdout.includes(`recordings/${id}/recording.json`));
});
