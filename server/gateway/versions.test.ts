import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testGateway } from '../fixtures/test-gateway.ts';
import { createSpoken } from '../store/suite/samples.ts';

const { store, ask, close } = await testGateway();
after(close);

const tagOf = async (url: string) => String((await ask('ada', 'GET', url)).headers.etag);
const matching = (tag: string) => ({ 'if-match': tag });

async function recording() {
  const id = await createSpoken(store, ['We launch in March.'], { title: 'Launch' }, 'ada');
  await store.transaction('ada', async (own) => {
    await own.completeRevision(id, 1);
    await own.updateRecording(id, { state: 'ready' });
  });
  return `/v1/recordings/${id}`;
}

test('an edit of what was read goes through, of what somebody changed meanwhile does not', async () => {
  const url = await recording();
  const tag = await tagOf(url);
  assert.match(tag, /^"[\w-]{22}"$/);
  const first = await ask('ada', 'PATCH', url, { title: 'First' }, matching(tag));
  assert.equal(first.status, 200, first.text);
  assert.equal(first.headers.etag, await tagOf(url));
  assert.notEqual(first.headers.etag, tag);
  const late = await ask('ada', 'PATCH', url, { title: 'Late' }, matching(tag));
  assert.deepEqual([late.status, late.json().code], [412, 'precondition_failed']);
  assert.equal((await ask('ada', 'GET', url)).json().title, 'First');
  assert.equal((await ask('ada', 'DELETE', url, undefined, matching(tag))).status, 412);
  for (const fine of ['*', `"other", ${first.headers.etag}`])
    assert.equal((await ask('ada', 'PATCH', url, { tags: [] }, matching(fine))).status, 200, fine);
  assert.equal((await ask('ada', 'PATCH', url, {}, matching(`W/${await tagOf(url)}`))).status, 412);
  assert.equal((await ask('ada', 'DELETE', url, undefined, matching(await tagOf(url)))).status, 204);
});

test('of many who edit the same version at once one gets through', async () => {
  const url = await recording();
  const tag = await tagOf(url);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, count) =>
      ask('ada', 'PATCH', url, { title: `of ${count}` }, matching(tag)),
    ),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [
    200,
    ...Array.from({ length: 7 }, () => 412),
  ]);
});

test('transcript and vocabulary have versions too', async () => {
  const url = `${await recording()}/transcript`;
  const before = await ask('ada', 'GET', url);
  const { revision, segments } = before.json();
  const edit = { baseRevision: revision, segments: [{ id: segments[0].id, text: 'We launch in May.' }] };
  assert.equal((await ask('ada', 'PUT', url, edit, matching('"old"'))).status, 412);
  const tag = String(before.headers.etag);
  const edited = await ask('ada', 'PUT', url, edit, matching(tag));
  assert.equal(edited.status, 200, edited.text);
  assert.equal(edited.headers.etag, await tagOf(url));
  assert.equal((await ask('ada', 'PUT', url, edit, matching(tag))).status, 412);

  const words = await tagOf('/v1/vocabulary');
  const add = (term: string, given: string) =>
    ask('ada', 'PATCH', '/v1/vocabulary', { add: [{ term }] }, matching(given));
  assert.equal((await add('Kubernetes', words)).status, 200);
  assert.equal((await add('Metformin', words)).status, 412);
});

test('where there are no versions If-Match is not passed over', async () => {
  const url = await recording();
  assert.equal((await ask('ada', 'POST', `${url}/restore`, undefined, matching('"x"'))).status, 412);
});
