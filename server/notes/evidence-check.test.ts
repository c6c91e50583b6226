import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createMiniLm, MINILM_MODEL } from '../embedder/minilm.ts';
import { createModels } from '../models/models.ts';
import { checkClaims, type Fault, namesIn } from './evidence-check.ts';
import { monday, spoken } from './fixtures/spoken.ts';
import { languageOf } from './languages/languages.ts';
import { findPeople } from './people.ts';
import { toSentences } from './sentences.ts';

const modelsDir = process.env.SPEAKR_MODELS_DIR ?? join(homedir(), '.local', 'share', 'speakr', 'models');
const embedder = createMiniLm({ modelFiles: () => createModels({ modelsDir }).require(MINILM_MODEL) });
after(() => embedder.close());

const talk = [
  'The harbour crane will be repaired in April, it costs ninety thousand euros.',
  'Ines will call the insurance company on Tuesday.',
  'Marco showed Ines the photos.',
  'The insurance company does not pay for old cranes.',
  "I don't know who ordered the new rope, it was not me.",
];
const transcript = spoken(talk);
const language = languageOf('en');
const people = findPeople(toSentences(transcript, language), language);

async function faultOf(
  text: string,
  segments: readonly number[],
  who?: string,
  withModel = true,
): Promise<Fault | undefined> {
  const claim = {
    text,
    segments: segments.map((index) => transcript.segments[index]!),
    ...(who ? { who } : {}),
  };
  const [verdict] = await checkClaims([claim], {
    transcript,
    language,
    people,
    startedAt: monday,
    ...(withModel ? { embed: (texts) => embedder.embed(texts) } : {}),
  });
  return verdict!.fault;
}

for (const [text, segments, who] of [
  ['The crane in the harbour is repaired in April for 90,000 euros.', [0]],
  ['Repairing the harbour crane costs ninety thousand euros.', [0]],
  ['Ines calls the insurance company on Tuesday.', [1], 'Ines'],
  ['Marco showed the photos to Ines.', [2]],
  ['Old cranes are not paid for by the insurance company.', [3]],
] as const) {
  test(`borne: ${text}`, async () => assert.equal(await faultOf(text, segments, who), undefined));
}

for (const [text, segments, fault, who] of [
  ['The crane in the harbour is repaired in April for 19,000 euros.', [0], 'number'],
  ['The crane in the harbour is repaired in May.', [0], 'date'],
  ['Ines calls the insurance company on Thursday.', [1], 'date', 'Ines'],
  ['Pedro calls the insurance company on Tuesday.', [1], 'name', 'Pedro'],
  ['Marco calls the insurance company on Tuesday.', [1, 2], 'role', 'Marco'],
  ['Ines showed Marco the photos.', [2], 'role'],
  ['The insurance company pays for old cranes.', [3], 'negation'],
  ['Ines will not call the insurance company on Tuesday.', [1], 'negation', 'Ines'],
  ['The ferry sank in the storm.', [0, 1], 'meaning'],
] as const) {
  test(`not borne (${fault}): ${text}`, async () => assert.equal(await faultOf(text, segments, who), fault));
}

test('without an embedder common words decide', async () => {
  assert.equal(
    await faultOf('The harbour crane will be repaired in April.', [0], undefined, false),
    undefined,
  );
  assert.equal(await faultOf('The ferry sank in the storm.', [0], undefined, false), 'meaning');
});

test('names are found at the start, after a title and in small letters', () => {
  assert.deepEqual(namesIn('Ines and Dr. Weber met Bjarke.', { language, people }), [
    'ines',
    'weber',
    'bjarke',
  ]);
  assert.deepEqual(namesIn('The meeting with ines is important.', { language, people }), ['ines']);
  assert.deepEqual(namesIn('Send the photos again.', { language, people }), []);
});
