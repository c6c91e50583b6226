import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monday } from './fixtures/spoken.ts';
import { languageOf } from './languages/languages.ts';
import { findDeadline } from './when.ts';

function deadlineOf(text: string, language = 'en'): string | undefined {
  const deadline = findDeadline(text, monday, languageOf(language));
  return deadline && [deadline.when, ...(deadline.dueOn === undefined ? [] : [deadline.dueOn])].join(' | ');
}

for (const [text, expected] of [
  ['send it by Friday', 'by Friday | 2026-11-27'],
  ['send it by Monday', 'by Monday | 2026-11-30'],
  ['send it tomorrow morning', 'tomorrow morning | 2026-11-24'],
  ['send it today', 'today | 2026-11-23'],
  ['send it no later than the third of December', 'no later than the third of December | 2026-12-03'],
  ['send it in two weeks', 'in two weeks | 2026-12-07'],
  ['send it by the end of the month', 'by the end of the month | 2026-11-30'],
  ['send it by the end of the week', 'by the end of the week | 2026-11-27'],
  ['send it by end of day', 'by end of day | 2026-11-23'],
  ['send it by the twentieth', 'by the twentieth | 2026-12-20'],
  ['send it around the 15th', 'around the 15th | 2026-12-15'],
  ['send it on the thirtieth', 'on the thirtieth | 2026-11-30'],
  ['send it on the first of March', 'on the first of March | 2027-03-01'],
  ['send it until the second round', 'until the second round'],
  ['send it by the end of January', 'by the end of January | 2027-01-31'],
  ['send it next week', 'next week'],
  ['send it this week', 'this week'],
  ['send it before the board meeting', 'before the board meeting'],
  ['send it as soon as possible', 'as soon as possible'],
  ['send it after we have talked', 'after we have talked'],
  ['send the numbers from last Tuesday', undefined],
  ["send Monday's numbers", undefined],
  ['prepare the Friday meeting', undefined],
  ['send it in a second', undefined],
  ['it may rain', undefined],
  ['I sent it yesterday', undefined],
  ['send it', undefined],
] as const) {
  test(`the deadline of "${text}"`, () => assert.equal(deadlineOf(text), expected));
}

for (const [language, text, expected] of [
  ['de', 'das Budget bis Freitag schicken', 'bis Freitag | 2026-11-27'],
  ['de', 'bis Ende der Woche bestellen', 'bis Ende der Woche | 2026-11-27'],
  ['fr', 'envoyer le budget avant vendredi', 'avant vendredi | 2026-11-27'],
  ['es', 'enviar el presupuesto antes del viernes', 'antes del viernes | 2026-11-27'],
  ['pt', 'enviar o orçamento até sexta-feira', 'até sexta-feira | 2026-11-27'],
  ['vi', 'gửi ngân sách trước thứ sáu', 'trước thứ sáu | 2026-11-27'],
] as const) {
  test(`the deadline of "${text}" (${language})`, () => assert.equal(deadlineOf(text, language), expected));
}
