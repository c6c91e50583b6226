import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, test } from 'node:test';
import { writtenSegment, writtenText } from './written-form.ts';

/** Fewest cases a language is held by. */
const languages = { en: 200, vi: 200, de: 50, fr: 50, es: 50, pt: 50 };

/** What is said and how it is written, one a line: `said | written`; `said | =` must stay. */
function casesOf(language: string, folder = 'cases'): [said: string, written: string][] {
  const text = readFileSync(path.join(import.meta.dirname, folder, `${language}.txt`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [said = '', written = ''] = line.split(' | ');
      return [said, written === '=' ? said : written];
    });
}

for (const [language, fewest] of Object.entries(languages))
  describe(`numbers, dates and units in ${language}`, () => {
    const cases = casesOf(language);
    it('are held by enough cases', () => assert.ok(cases.length >= fewest, `${cases.length}`));
    for (const [said, written] of cases)
      it(said === written ? `"${said}" stays` : `"${said}" is written "${written}"`, () => {
        const once = writtenText(said, language);
        assert.equal(once.replaceAll('\u202f', ' '), written);
        assert.equal(writtenText(once, language), once, 'twice');
      });
  });

/** Tones on the second vowel, as the reform of the eighties has them: "thuỷ", "hoà". */
const reformed = (text: string) =>
  text.replace(/(?:[òóỏõọ][ae]|[ùúủũụ]y)(?!\p{L})/gu, ([first = '', second = '']) => {
    const [vowel = '', tone = ''] = first.normalize('NFD');
    return vowel + (second + tone).normalize('NFC');
  });

describe('Vietnamese that people wrote', () => {
  const sentences = casesOf('vi', 'real');
  it('is a few dozen sentences, some with numbers and some with tones that are put in two ways', () => {
    assert.ok(sentences.length >= 40, `${sentences.length}`);
    assert.ok(sentences.some(([said, written]) => said !== written));
    assert.ok(sentences.some(([said]) => reformed(said) !== said));
  });
  for (const [said, written] of sentences)
    it(`"${said}" has numbers in digits and nothing else of it changes, however its letters are put together`, () => {
      for (const form of [said, said.normalize('NFD'), reformed(said)])
        assert.equal(writtenText(form, 'vi'), written, form);
      assert.equal(written, written.normalize('NFC'));
      const kept = written.split(' ').filter((word) => !/\d/.test(word));
      const heard = said.split(' ');
      assert.deepEqual(
        kept.filter((word) => !heard.includes(word)),
        [],
      );
    });
});

test('a number takes the time of all of its words', () => {
  const texts = ['Twenty', 'five', 'people', 'at', 'three', 'p', 'm.'];
  const words = texts.map((text, index) => ({
    text,
    startMs: index * 100,
    endMs: index * 100 + 90,
    estimated: true,
  }));
  const { text, words: written } = writtenSegment({ text: texts.join(' '), words }, 'en');
  assert.equal(text, '25 people at 3 p.m.');
  assert.deepEqual(written, [
    { text: '25', startMs: 0, endMs: 190, estimated: true },
    { text: 'people', startMs: 200, endMs: 290, estimated: true },
    { text: 'at', startMs: 300, endMs: 390, estimated: true },
    { text: '3', startMs: 400, endMs: 545, estimated: true },
    { text: 'p.m.', startMs: 545, endMs: 690, estimated: true },
  ]);
});

test('a language that is not known is left alone', () => {
  assert.equal(writtenText('vijfentwintig mensen', 'nl'), 'vijfentwintig mensen');
});

test('words in any order come out the same when they are written out twice', () => {
  // Linear congruential generator of the C standard: the same words in every run.
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % below;
  };
  for (const language of Object.keys(languages)) {
    const words = [...new Set(casesOf(language).flatMap(([said]) => said.split(' ')))];
    for (let count = 0; count < 300; count++) {
      const text = Array.from({ length: 1 + random(12) }, () => words[random(words.length)]).join(' ');
      const once = writtenText(text, language);
      assert.equal(writtenText(once, language), once, `${language}: ${text}`);
    }
  }
});
