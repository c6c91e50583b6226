import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Recording } from '@speakr/contracts/recording';
import { recordSound } from '../../server/fixtures/test-app.ts';
import { fleetMissing } from '../../server/fixtures/test-fleet.ts';
import { embeddedPlace, hostedPlace, type Place } from './place.ts';

// Titles, tags and names of every kind are stored, listed, found and come back as they were typed.

const kinds: Record<string, string> = {
  'right to left': 'פגישה עם דנה',
  'both directions': 'Launch ‮gnihcnual‬ السلام',
  'joined emoji': '👩‍👩‍👧‍👦🏳️‍🌈👍🏽',
  'combining marks': 'Zoë Ma\u0301rquez n\u0303',
  'composed marks': 'Zoë Márquez ñ',
  'four bytes': '𝄞 𠮷野家 𝒮𝓅𝑒𝒶𝓀',
  'look-alikes': 'Аdmin аnd Admin',
  'control characters': 'a\u0001b\u0007c\u001b[31mred\u007f',
  'line ends': 'one\ntwo\r\nthree\u2028four',
  'no width': 'zero\u200bwidth\ufeff\u2060',
  Vietnamese: 'Họp Đà Nẵng lúc 15 giờ',
};

function suite(profile: string, make: (t: TestContext) => Promise<Place>, skip: string | false): void {
  describe(`Unicode, ${profile}`, { skip }, () => {
    it('of every kind is kept in titles, tags and names', async (t) => {
      const place = await make(t);
      const { user } = place;
      const id = await recordSound({ connect: () => place.connect(user) });
      const patch = async (body: object) =>
        place.request(user, `/v1/recordings/${id}`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
      const get = async <T>(path: string) => (await (await place.request(user, path)).json()) as T;
      for (const [kind, text] of Object.entries(kinds)) {
        const changed = await patch({ title: text, tags: [text], speakers: { me: text } });
        assert.equal(changed.status, 200, `${kind}: ${await changed.text()}`);
        const { title, tags, speakers } = await get<Recording>(`/v1/recordings/${id}`);
        assert.deepEqual([title, tags, speakers], [text, [text], { me: text.trim() }], kind);
        const { recordings } = await get<{ recordings: Recording[] }>(
          `/v1/recordings?tag=${encodeURIComponent(text)}`,
        );
        assert.deepEqual(
          recordings.map((each) => each.title),
          [text],
          kind,
        );
      }
    });

    it('that is none is answered, never kept by half', async (t) => {
      const place = await make(t);
      const { user } = place;
      const id = await recordSound({ connect: () => place.connect(user) });
      const send = (json: string) =>
        place.request(user, `/v1/recordings/${id}`, {
          method: 'PATCH',
          headers: { 'content-type': 'application/json' },
          body: json,
        });
      const get = async () => {
        const response = await place.request(user, '/v1/recordings');
        assert.equal(response.status, 200);
        return ((await response.json()) as { recordings: Recording[] }).recordings[0]?.title;
      };
      for (const json of ['{"title":"a\\u0000b"}', '{"title":"a\\ud800b"}', '{"title":"\\udc00"}']) {
        const before = await get();
        const { status } = await send(json);
        assert.ok(status === 200 || status === 400, `${json}: ${status}`);
        // As it was sent, or as it was.
        assert.equal(await get(), status === 200 ? JSON.parse(json).title : before, json);
      }
    });
  });
}

suite('embedded', embeddedPlace, false);
suite('hosted', hostedPlace, await fleetMissing());
