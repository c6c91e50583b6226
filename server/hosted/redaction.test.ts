import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectOf } from '@speakr/contracts/events';
import { until } from '../../scripts/until.ts';
import { keptContent } from '../fixtures/kept-content.ts';
import { assertLiveRedacted } from '../fixtures/live-redacted.ts';
import { ownNats } from '../fixtures/own-nats.ts';
import { phrases, recordLive, recordSound } from '../fixtures/test-app.ts';
import { fleetMissing, rowsOf, testFleet } from '../fixtures/test-fleet.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';

const missing = await fleetMissing();
const said =
  'My card is four five three nine one four eight eight zero three four three six four six seven. ' +
  'Alex, send twenty five copies to alex at example dot com by Friday.';
const personal = /4539|8803|three nine|four six|alex@|alex at/i;

describe('redaction in a fleet', { skip: missing }, () => {
  it('leaves nothing personal in what the API and the tables have of a recording', async (t) => {
    const fleet = await testFleet(t, { env: { SPEAKR_REDACTION: 'on' } });
    const gateway = await fleet.start(['gateway'], { turns: [said] });
    for (const roles of [['transcriber'], ['nlp'], ['embedder', 'notes'], ['archiver', 'admin']] as const)
      await fleet.start(roles, { turns: [said] });
    const request = (path: string, init?: RequestInit) => gateway.request('alex', path, init);
    const connect = () => gateway.connect('alex');
    const pcm = phrases(1, 12_000, 1_000);
    const { id, messages } = await recordLive({ connect }, pcm, { title: 'Call 415-555-2671' });
    assertLiveRedacted(messages, personal);
    // Written out by the role nlp, as a revision of its own.
    await until('it is written out', async () =>
      /25 copies/.test(await (await request(`/v1/recordings/${id}/transcript`)).text()),
    );
    await until('it is found', async () => {
      const answer = await request('/v1/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ question: 'which card?' }),
      });
      return /\[card\]/.test(await answer.text());
    });
    const content = await keptContent(request, id, 'which card?');
    assert.match(content, /\[email\]/);
    assert.match(content, /Call \[phone\]/);
    assert.equal(personal.exec(content.replace(/[0-9a-f-]{36}|:\d+/g, ''))?.[0], undefined);

    const tables = await rowsOf(
      fleet,
      `select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    assert.ok(tables.length > 5);
    for (const { schemaname, tablename } of tables) {
      const rows = await rowsOf(
        fleet,
        `select to_jsonb(each)::text as row from "${schemaname}"."${tablename}" each`,
      );
      for (const { row } of rows) assert.ok(!/three nine|alex at|415-555/.test(String(row)), `${tablename}`);
    }
  });
});

describe('the consumer nlp of a fleet', { skip: missing }, () => {
  it('sets aside in DLQ_NLP what it cannot read, and goes on with the next', async (t) => {
    const nats = await ownNats();
    t.after(() => nats.stop());
    const fleet = await testFleet(t, { natsUrl: nats.url });
    const gateway = await fleet.start(undefined, { turns: ['We sold twenty five chairs.'] });
    const broker = await connectNats({ url: nats.url, name: 'test', log: silentLog });
    t.after(() => broker.close());
    await broker.js.publish(subjectOf('transcription.completed.v1'), 'no event');
    const id = await recordSound({ connect: () => gateway.connect('alex') });
    await until('the next is written out', async () => {
      const transcript = await gateway.request('alex', `/v1/recordings/${id}/transcript`);
      return /25 chairs/.test(await transcript.text());
    });
    await until('the other is a dead letter', async () => {
      const { state } = await broker.jsm.streams.info('DLQ_NLP');
      return state.messages === 1;
    });
  });
});
