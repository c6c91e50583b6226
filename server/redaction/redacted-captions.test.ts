import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RedactionKind } from '@speakr/contracts/policies';
import type { Caption } from '../captions/captions.ts';
import { createInProcessCaptions } from '../captions/in-process-captions.ts';
import { usualKinds } from './kinds.ts';
import { type OwnerKinds, redactedCaptions } from './redacted-captions.ts';

const kinds: ReadonlySet<RedactionKind> = new Set(usualKinds);
const card = '4111 1111 1111 1111';
const caption = (text: string, changes: object = {}) =>
  ({
    type: 'partial',
    segmentId: '1.0.0',
    track: 0,
    startMs: 0,
    endMs: 900,
    text,
    stable: '',
    ...changes,
  }) as Caption;
const segment = (index: number, text: string) => ({
  id: `2.0.${index}`,
  track: 0,
  startMs: index * 1000,
  endMs: index * 1000 + 900,
  text,
});

function setUp(of: OwnerKinds['of'], known: OwnerKinds['known']) {
  const plain = createInProcessCaptions();
  const shown: Caption[] = [];
  plain.subscribe('ada', 'one', (each) => shown.push(each));
  const { publish } = redactedCaptions(plain, { of, known });
  const tell = (...all: Caption[]) => {
    for (const each of all) publish('ada', 'one', each);
  };
  return { shown, tell };
}
const knowing = (found: ReadonlySet<RedactionKind>) =>
  setUp(
    async () => found,
    () => found,
  );

test('partials and finals are shown without what is personal, and so is what of them is stable', () => {
  const { shown, tell } = knowing(kinds);
  tell(
    caption(`My card is ${card} thanks`, { stable: 'My card is' }),
    caption(`My card is ${card} thanks.`, { type: 'final', stable: `My card is ${card} thanks.` }),
    // What is stable ends within it.
    caption(`My card is ${card} thanks`, { stable: 'My card is 4111 1111' }),
  );
  assert.deepEqual(
    shown.map((each) => (each.type === 'partial' || each.type === 'final' ? [each.text, each.stable] : [])),
    [
      ['My card is [card] thanks', 'My card is'],
      ['My card is [card] thanks.', 'My card is [card] thanks.'],
      ['My card is [card] thanks', ''],
    ],
  );
});

test('while a number or an address is spoken, its beginning is held back; what it turns out not to be comes later', () => {
  const { shown, tell } = knowing(kinds);
  const partials = [
    ['Mine is 411', 'Mine is 411'],
    ['Mine is 4111 11', 'Mine is …'],
    ['Mine is four one one one um', 'Mine is …'],
    ['Mine is four one one one one one one one double', 'Mine is …'],
    ['Meine ist vier eins eins eins', 'Meine ist …'],
    ['Write to alex dot miller at', 'Write to …'],
    ['Write to alex dot miller at example dot', 'Write to …'],
    ['Write to alex at example dot com today', 'Write to [email] today'],
    ['Since 1984 they', 'Since …'],
    ['Since 1984 they sell', 'Since 1984 they sell'],
    ['We meet at noon', 'We meet at noon'],
    ['It starts today at noon or', 'It starts today at noon or'],
  ] as const;
  tell(...partials.map(([text]) => caption(text, { stable: text })));
  assert.deepEqual(
    shown.map((each) => (each.type === 'partial' ? each.text : each.type)),
    partials.map(([, text]) => text),
  );
  for (const each of shown) if (each.type === 'partial') assert.ok(each.text.startsWith(each.stable));
  tell(caption('It was in 1984', { type: 'final' }));
  assert.equal((shown.at(-1) as { text?: string }).text, 'It was in 1984');
});

test('only what is looked for is held back', () => {
  const texts = ['Mine is 4111 1111', 'Write to alex at example'];
  for (const [kind, expected] of [
    ['name', texts],
    ['email', [texts[0], 'Write to …']],
    ['phone', ['Mine is …', texts[1]]],
  ] as const) {
    const { shown, tell } = knowing(new Set([kind]));
    tell(...texts.map((text) => caption(text)));
    assert.deepEqual(
      shown.map((each) => (each.type === 'partial' ? each.text : each.type)),
      expected,
      kind,
    );
  }
});

test('what is revised is redacted over its pauses, words and all', () => {
  const { shown, tell } = knowing(kinds);
  const words = ['4111', '1111'].map((text) => ({ text, startMs: 0, endMs: 100, estimated: true }));
  tell({
    type: 'revised',
    revision: 2,
    replaces: ['1.0.0'],
    segments: [
      segment(0, 'My card is'),
      { ...segment(1, '4111 1111'), words },
      segment(2, '1111 1111'),
      segment(3, 'thanks.'),
    ],
  });
  assert.doesNotMatch(JSON.stringify(shown), /1111/);
  const [revised] = shown;
  assert.equal(revised?.type, 'revised');
  assert.deepEqual(revised?.type === 'revised' ? revised.segments.map(({ text }) => text) : [], [
    'My card is',
    '[card]',
    'thanks.',
  ]);
});

test('states and errors are shown as they are; a kind of message that nobody redacts is not shown', () => {
  const state: Caption = { type: 'state', mode: 'live', lagMs: 0, transcribedMs: 0 };
  const unknown = { type: 'translation', text: `Meine Karte ist ${card}` } as unknown as Caption;
  const redacting = knowing(kinds);
  redacting.tell(unknown, state);
  assert.deepEqual(redacting.shown, [state]);
  const plain = knowing(new Set());
  plain.tell(unknown, state);
  assert.deepEqual(plain.shown, [unknown, state]);
});

test('the first ones wait, in order, until it is known what is personal; where it stays unknown none is shown', async () => {
  const asked = Promise.withResolvers<ReadonlySet<RedactionKind>>();
  const { shown, tell } = setUp(
    () => asked.promise,
    () => undefined,
  );
  tell(caption(`One ${card}`), caption('Two'));
  assert.equal(shown.length, 0);
  asked.resolve(kinds);
  await asked.promise;
  await new Promise(setImmediate);
  assert.deepEqual(
    shown.map((each) => (each.type === 'partial' ? each.text : each.type)),
    ['One [card]', 'Two'],
  );

  const failing = setUp(
    () => Promise.reject(new Error('no database')),
    () => undefined,
  );
  failing.tell(caption(`One ${card}`));
  await new Promise(setImmediate);
  assert.deepEqual(failing.shown, []);
});
