import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QueryResponse } from '@speakr/contracts/search';
import type { Transcript } from '@speakr/contracts/transcript';
import { answer } from '../../scripts/until.ts';
import { phrases, recordSound } from '../fixtures/test-app.ts';
import { type FleetProcess, fleetMissing, testFleet } from '../fixtures/test-fleet.ts';
import { type ScriptedTurn, scriptedRecognizer } from '../transcriber/scripted-recognizer.ts';

// What server/nlp/register-nlp.test.ts says of the consumer, in a fleet, from the sound to the search.

const missing = await fleetMissing();

/** An engine of one language. */
const hearing = (language: string, turns: readonly ScriptedTurn[]) => ({
  recognizer: (model: string) =>
    scriptedRecognizer(turns, {
      loop: true,
      model,
      capabilities: { languages: [language], wordTimes: false, keyTerms: false },
    }),
});

const transcriptOf = async ({ request }: FleetProcess, id: string) =>
  (await (await request('alex', `/v1/recordings/${id}/transcript`)).json()) as Transcript;
const textOf = ({ segments }: Transcript) => segments.map(({ text }) => text).join(' ');

describe('the transcript of a fleet', { skip: missing }, () => {
  it('has Vietnamese composed, its tones in one place and its numbers in digits, and is found by a word of two syllables', async (t) => {
    const fleet = await testFleet(t);
    const turns = ['hoà có hai mươi lăm khách hàng ở đà nẵng'.normalize('NFD')];
    const parts = hearing('vi', turns);
    const gateway = await fleet.start(['gateway', 'embedder', 'nlp', 'notes', 'archiver'], { parts });
    await fleet.start(['transcriber'], { parts });
    const record = () =>
      recordSound({ connect: () => gateway.connect('alex') }, phrases(1), {
        language: 'vi',
        model: 'vietnamese',
      });
    const id = await record();
    const transcript = await answer(
      'it is written out',
      () => transcriptOf(gateway, id),
      ({ origin }) => origin === 'post-processing',
    );
    assert.equal(textOf(transcript), 'Hòa có 25 khách hàng ở đà nẵng.');
    assert.equal(textOf(transcript), textOf(transcript).normalize('NFC'));

    const ask = async (question: string) => {
      const answered = await gateway.request('alex', '/v1/query', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        // By its words alone: the stand-in for the model is near to everything.
        body: JSON.stringify({ question, ranking: 'keyword' }),
      });
      return ((await answered.json()) as QueryResponse).hits.map(({ text }) => text);
    };
    // The same syllables, but not the word.
    turns[0] = 'khách nào mua thì hàng đó hết';
    await record();
    const hits = await answer(
      'both are found',
      () => ask('khách hàng'),
      ({ length }) => length === 2,
    );
    assert.match(hits[0] ?? '', /Hòa có 25 khách hàng/);
    // Both spellings of the name, and the number as it is said.
    for (const question of ['Hoà có bao nhiêu?', 'Hòa có bao nhiêu?', 'hai mươi lăm khách hàng'])
      assert.match((await ask(question))[0] ?? '', /Hòa có 25/, question);
  });

  it('has sentences where the engine gives neither capitals nor full stops', async (t) => {
    const fleet = await testFleet(t);
    const gateway = await fleet.start(undefined, { turns: ['i saw twenty five birds'] });
    const id = await recordSound({ connect: () => gateway.connect('alex') }, phrases(2));
    const transcript = await answer(
      'it is written out',
      () => transcriptOf(gateway, id),
      ({ origin }) => origin === 'post-processing',
    );
    assert.equal(textOf(transcript), 'I saw 25 birds. I saw 25 birds.');
  });
});
