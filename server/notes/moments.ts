import type { Evidence } from '@speakr/contracts/field';
import type { NotesLine } from '@speakr/contracts/notes';
import type { Moment } from '@speakr/contracts/recording';
import type { NotesLanguage } from './languages/language.ts';
import { type Sentence, termsOf } from './sentences.ts';

const strongStatements = 4;
/** People mark what they have just heard. */
const hearsBackMs = 12_000;

/** What the user marked or typed, with what was said there, and what was said with emphasis; in order of time. */
export function findMoments(
  sentences: readonly Sentence[],
  moments: readonly Moment[],
  language: NotesLanguage,
  revision: number,
  alreadyTold: ReadonlySet<number>,
): NotesLine[] {
  const lines: { atMs: number; line: NotesLine }[] = [];
  const shown = new Set(alreadyTold);
  for (const moment of moments) {
    if (moment.kind !== 'mark' && moment.kind !== 'note') continue;
    const said = sentenceAt(sentences, moment.atMs);
    if (said) shown.add(said.index);
    const typed = moment.text.trim().replace(/\s+/g, ' ');
    const near = said && Math.abs(said.endMs - moment.atMs) <= 60_000 ? said : undefined;
    const text = typed === '' ? near?.text : near ? `${typed} ("${near.text}")` : typed;
    if (!text) continue;
    const evidence = near ? [...near.evidence] : [momentEvidence(moment, revision)];
    lines.push({ atMs: moment.atMs, line: { text, evidence } });
  }
  const strong = sentences
    .filter((sentence) => !sentence.question && !shown.has(sentence.index))
    .map((sentence) => ({ sentence, strength: strengthOf(sentence, language) }))
    .filter(({ strength }) => strength > 0)
    .sort((a, b) => b.strength - a.strength)
    .slice(0, Math.min(strongStatements, Math.ceil(sentences.length / 12)));
  for (const { sentence } of strong) {
    lines.push({ atMs: sentence.startMs, line: { text: sentence.text, evidence: [...sentence.evidence] } });
  }
  return lines.sort((a, b) => a.atMs - b.atMs).map(({ line }) => line);
}

/** What was being said, or had just been said, at a time. */
export function sentenceAt(sentences: readonly Sentence[], atMs: number): Sentence | undefined {
  let before: Sentence | undefined;
  for (const sentence of sentences) {
    if (sentence.startMs > atMs) {
      const gapBefore = before ? atMs - before.endMs : Number.POSITIVE_INFINITY;
      return gapBefore <= hearsBackMs || gapBefore <= sentence.startMs - atMs ? before : sentence;
    }
    before = sentence;
  }
  return before;
}

/** A typed note rests on itself where nothing was said. */
export function momentEvidence(moment: Moment, revision: number): Evidence {
  return { revision, segmentId: `moment.${moment.atMs}`, startMs: moment.atMs, endMs: moment.atMs };
}

function strengthOf(sentence: Sentence, language: NotesLanguage): number {
  const cues = sentence.body.match(new RegExp(language.emphasis, 'giu'))?.length ?? 0;
  const terms = termsOf(sentence.body, language).length;
  if (cues === 0 || terms < 4 || language.hypothetical.test(sentence.body)) return 0;
  return cues * Math.min(1, terms / 8);
}
