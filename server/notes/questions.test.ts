import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeExtractive } from './extractive-writer.ts';
import { monday, spoken } from './fixtures/spoken.ts';
import { builtInTemplate } from './template.ts';

function questionsOf(lines: readonly string[], language = 'en'): string[] {
  const draft = writeExtractive({
    startedAt: monday,
    transcript: spoken(lines, language),
    moments: [],
    template: builtInTemplate('meeting'),
  });
  return draft.sections.find(({ id }) => id === 'questions')!.lines.map(({ text }) => text);
}

for (const [lines, expected] of [
  [['Who pays for the hotel?', "I don't know."], ['Who pays for the hotel?']],
  [['Who pays for the hotel?', 'Good question.', "Let's park that."], ['Who pays for the hotel?']],
  [['Okay, how do we measure success?'], ['How do we measure success?']],
  [['Do we need a permit?', 'Anyway, next topic.'], ['Do we need a permit?']],
  [
    ["We still don't know whether the permit arrives in time."],
    ["We still don't know whether the permit arrives in time."],
  ],
  [['It is unclear who owns the domain.'], ['It is unclear who owns the domain.']],
  [['who pays for the hotel', 'no idea'], ['Who pays for the hotel']],
  [['Who pays for the hotel?', 'The company does.'], []],
  [['Do we need a permit?', 'Yes.'], []],
  [['Does that make sense?'], []],
  [['It was cold, right?'], []],
  [['Can everybody hear me?'], []],
  [['Priya, can you book the hotel?', 'Sure.'], []],
  [['Can you book the hotel?', 'Sure.'], []],
  [['Who knows?'], []],
  [['Shall we start?'], []],
] as const) {
  test(`open questions of: ${lines.join(' / ')}`, () => assert.deepEqual(questionsOf(lines), expected));
}

for (const [language, question, answer] of [
  ['de', 'Wer bezahlt das Hotel?', 'Das weiß ich nicht.'],
  ['fr', 'Qui paie l’hôtel ?', 'Je ne sais pas.'],
  ['es', '¿Quién paga el hotel?', 'No lo sé.'],
  ['pt', 'Quem paga o hotel?', 'Não sei.'],
  ['vi', 'Ai trả tiền khách sạn?', 'Chưa biết.'],
] as const) {
  test(`an open question in ${language}`, () => {
    assert.equal(questionsOf([question, answer], language).length, 1);
  });
}
