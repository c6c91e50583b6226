import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDecisions } from './decisions.ts';
import { spoken } from './fixtures/spoken.ts';
import { languageOf } from './languages/languages.ts';
import { toSentences } from './sentences.ts';

function decisionsOf(lines: readonly string[], language = 'en'): string[] {
  const cues = languageOf(language);
  return findDecisions(toSentences(spoken(lines, language), cues), cues).map(({ text }) => text);
}

function suite(
  name: string,
  cases: readonly (readonly [lines: readonly string[], expected: readonly string[]])[],
) {
  for (const [lines, expected] of cases) {
    test(`${name}: ${lines.join(' / ')}`, () => assert.deepEqual(decisionsOf(lines), expected));
  }
}

suite('said outright', [
  [['We decided to close the Berlin office.'], ['We decided to close the Berlin office.']],
  [["So we've agreed on weekly billing."], ["We've agreed on weekly billing."]],
  [['The decision is to hire two more engineers.'], ['The decision is to hire two more engineers.']],
  [["Okay, we're going with the second vendor."], ["We're going with the second vendor."]],
  [["Let's go with option B."], ["Let's go with option B."]],
  [["We'll keep the old logo."], ["We'll keep the old logo."]],
  [
    ['We are not going to support the old browser anymore.'],
    ['We are not going to support the old browser anymore.'],
  ],
  [
    ['The board has approved the budget for next year.'],
    ['The board has approved the budget for next year.'],
  ],
  [['The release is postponed to June.'], ['The release is postponed to June.']],
  [['Agreed, no meetings on Fridays.'], ['Agreed, no meetings on Fridays.']],
  [["We won't launch in China this year."], ["We won't launch in China this year."]],
]);

suite('proposed and agreed', [
  [['I propose we meet every second week.', 'Sounds good.'], ['We meet every second week.']],
  [['How about we skip the printed version?', 'Fine by me.'], ['We skip the printed version.']],
  [['Should we raise the price to twenty euros?', 'Yes, definitely.'], ['Raise the price to twenty euros.']],
  [["Why don't we use the old server?", 'Good idea.'], ['We use the old server.']],
  [['I think we should hire a freelancer.', 'I agree.', 'Me too.'], ['We should hire a freelancer.']],
]);

suite('not decided', [
  [['I propose we meet every week.', "No, that's too much."], []],
  [['Should we raise the price?', "I'm not sure."], []],
  [['Maybe we should move to Lisbon.', 'Yeah.'], []],
  [["We haven't decided on the colour yet."], []],
  [['Once we have decided on a vendor, we can start.'], []],
  [['Last month we decided to wait.'], []],
  [['If we go with option B, it gets expensive.'], []],
  [["Let's start with the agenda."], []],
  [["Let's move on."], []],
  [['We need a decision on the venue.'], []],
  [['What did we decide about the venue?'], []],
  [["We'll see."], []],
  [['I agree with you, it was a hard year.'], []],
  [["Let's think about it."], []],
]);

suite('taken back', [
  [["Let's go with option B.", 'Actually, scrap that.'], []],
  [
    [
      'We decided to close the Berlin office.',
      'Nice.',
      'Hold on, forget the Berlin office, we need to talk to them first.',
    ],
    [],
  ],
]);

test('a decision that is repeated is one', () => {
  assert.equal(
    decisionsOf([
      'We decided to close the Berlin office.',
      'Good.',
      'So we close the Berlin office, that is decided.',
    ]).length,
    1,
  );
});

for (const [language, line] of [
  ['de', 'Wir haben beschlossen, das Büro zu schließen.'],
  ['fr', 'On a décidé de fermer le bureau.'],
  ['es', 'Hemos decidido cerrar la oficina.'],
  ['pt', 'Decidimos fechar o escritório.'],
  ['vi', 'Chúng ta đã quyết định đóng cửa văn phòng.'],
] as const) {
  test(`a decision in ${language}`, () => assert.deepEqual(decisionsOf([line], language), [line]));
}

suite('the last word, however short', [
  [['Shall we meet on Wednesday?', 'Okay, Wednesday it is.'], ['Meet on Wednesday.']],
  [['So a buffet?', 'Yes, a buffet.'], ['A buffet.']],
  [
    ['What about a photographer?', 'Our trainee takes good pictures.', 'Okay, so no photographer.'],
    ['No photographer (What about a photographer)'],
  ],
  [
    ['Do we want another campaign in November?', 'Fair enough.', 'So no campaign in November.'],
    ['No campaign in November (Do we want another campaign in November)'],
  ],
]);

suite('what was asked comes back as a statement', [
  [
    [
      'Could they start with the ground floor?',
      'That would work.',
      'Okay, the painters start with the ground floor.',
    ],
    ['The painters start with the ground floor.'],
  ],
  [
    [
      'Should we paint the fence?',
      'I think so.',
      'Okay, then we paint the fence, and what does the paint cost?',
    ],
    ['Paint the fence.'],
  ],
  [['Did the painters start with the ground floor?', 'They did.', 'Okay, thanks for the news.'], []],
  [['So the plan is to use the day room.'], ['The plan is to use the day room.']],
]);
