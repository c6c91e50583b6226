import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { readTar } from '../../../e2e/privacy/read-tar.ts';
import { systemClock } from '../../clock.ts';
import { testGateway } from '../../fixtures/test-gateway.ts';
import { silentLog } from '../../observability/log.ts';
import { applyRetention } from '../../store/retention.ts';
import type { Store } from '../../store/store.ts';
import { createSpoken } from '../../store/suite/samples.ts';
import type { GatewayServices } from '../services.ts';
import { tarHeader } from './tar.ts';

const SAMPLES = 16_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A gateway whose audio is read while `meanwhile` happens. */
async function reading(t: TestContext, meanwhile: (store: Store, id: string) => Promise<unknown>) {
  const place = await testGateway({
    services: {
      async *openAudio(owner: string, id: string, track: number) {
        const half = new Uint8Array(SAMPLES).fill(1);
        yield { track, offset: 0, pcm: half };
        await meanwhile(place.store, id);
        if ((await place.store.read(owner, (own) => own.getRecording(id))) === undefined)
          throw new SpeakrError('not_found');
        yield { track, offset: SAMPLES / 2, pcm: half };
      },
    } as unknown as GatewayServices,
  });
  t.after(place.close);
  const spoken = async (text: string) => {
    const id = await createSpoken(
      place.store,
      [text],
      { title: text, startedAt: Date.now() - 40 * DAY_MS },
      'ada',
    );
    await place.store.transaction('ada', (own) =>
      own.updateRecording(id, { state: 'ready', tracks: [{ track: 0, label: 'me', samples: SAMPLES }] }),
    );
    return id;
  };
  const exported = async () => {
    const response = await place.gateway.http.inject({
      url: '/v1/account/export',
      headers: { host: 'localhost', authorization: 'Bearer ada' },
    });
    return readTar(response.rawPayload);
  };
  return { ...place, spoken, exported };
}

const retention = (store: Store) =>
  applyRetention({
    store,
    owner: 'ada',
    policy: { maxAgeMs: 30 * DAY_MS },
    audioBytes: async () => 1,
    clock: systemClock,
    log: silentLog,
  });

test('what retention deletes while it is exported is said to be deleted, and the archive is whole', async (t) => {
  let isDue = true;
  const { spoken, exported } = await reading(t, async (store, id) => {
    if (isDue) await retention(store);
    isDue = false;
    return id;
  });
  const ids = [await spoken('First'), await spoken('Second')].toSorted();
  const files = await exported();
  const [first = '', second = ''] = ids;
  assert.ok(files.has(`recordings/${first}/deleted.json`));
  assert.ok(!files.has(`recordings/${first}/recording.json`));
  // Gone before it was its turn.
  assert.ok(![...files.keys()].some((name) => name.includes(second)));
  const wav = files.get(`recordings/${first}/audio/track-0.wav`);
  assert.equal(wav?.length, 44 + SAMPLES * 2);
  assert.deepEqual([wav?.at(44), wav?.at(-1)], [1, 0]);
  assert.ok(files.has('end.json'));
});

test('retention leaves alone what is being recorded, and takes it when it is done and due', async (t) => {
  const { store, spoken } = await reading(t, async () => {});
  const id = await spoken('Long talk');
  await store.transaction('ada', (own) => own.updateRecording(id, { state: 'recording' }));
  assert.deepEqual(await retention(store), []);
  await store.transaction('ada', (own) => own.updateRecording(id, { state: 'processing' }));
  assert.deepEqual(await retention(store), []);
  await store.transaction('ada', (own) => own.updateRecording(id, { state: 'ready' }));
  assert.deepEqual(await retention(store), [id]);
});

test('titles of every kind come out as they went in', async (t) => {
  const { spoken, exported } = await reading(t, async () => {});
  const title = 'שלום 👩‍👩‍👧‍👦 é Ａ а 𝄞 ‮abc';
  const id = await spoken(title);
  const { recording } = JSON.parse(String((await exported()).get(`recordings/${id}/recording.json`)));
  assert.equal(recording.title, title);
});

test('a header says what tar can say, and nothing else gets in', () => {
  const header = tarHeader('recordings/a/b.json', 1234, 1_795_262_400_000);
  const sum = header.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  assert.equal(Number.parseInt(header.toString('latin1', 148, 154), 8), sum);
  for (const name of ['', 'a b', 'x'.repeat(101), 'é'])
    assert.throws(() => tarHeader(name, 1, 0), RangeError);
  assert.throws(() => tarHeader('a', 8 ** 11, 0), RangeError);
});
