import type { NotesLanguage } from './languages/language.ts';
import type { NotesDraft } from './notes-writer.ts';
import { stemOf } from './sentences.ts';

const longest = 60;
const longestPhrase = 3;

interface Phrase {
  readonly text: string;
  readonly stems: readonly string[];
  readonly score: number;
}

/**
 * A short title from the phrases the notes and the talk have in common (after RAKE, Rose et al. 2010: runs of content
 * words, weighed by how often they come). `undefined` when nothing stands out.
 */
export function titleOf(
  draft: Pick<NotesDraft, 'sections'>,
  transcriptText: string,
  language: NotesLanguage,
  people: ReadonlySet<string>,
): string | undefined {
  const noted = draft.sections.flatMap(({ lines }) => lines.map(({ text }) => text)).join('\n');
  const counts = countStems(transcriptText, language);
  const phrases = rankPhrases(noted === '' ? transcriptText : noted, counts, language, people);
  const [first, second] = phrases;
  if (!first) return undefined;
  const joined = second ? `${first.text} ${language.phrases.and} ${second.text}` : first.text;
  const title = joined.length <= longest ? joined : first.text;
  if (title.length > longest) return undefined;
  return title.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/** What a recording is called when its words give no title. */
export function titleOfTime(startedAt: number, language: NotesLanguage): string {
  const when = new Intl.DateTimeFormat(language.locale, { dateStyle: 'long', timeStyle: 'short' }).format(
    startedAt,
  );
  return `${language.phrases.recordingOf} ${when}`;
}

function rankPhrases(
  text: string,
  counts: ReadonlyMap<string, number>,
  language: NotesLanguage,
  people: ReadonlySet<string>,
): Phrase[] {
  const candidates = new Map<string, Phrase & { count: number }>();
  for (const run of runsOf(text, language, people)) {
    for (let from = 0; from < run.length; from++) {
      for (let size = 1; size <= longestPhrase && from + size <= run.length; size++) {
        const words = run.slice(from, from + size);
        const stems = words.map((word) => stemOf(word.toLowerCase(), language.code));
        if (new Set(stems).size < stems.length) continue;
        const key = stems.join(' ');
        const known = candidates.get(key);
        const weight = stems.reduce((sum, stem) => sum + Math.log(1 + (counts.get(stem) ?? 0)), 0) / size;
        // Two words say more than one; a pair that was said once is a chance.
        const shape = size === 1 ? 0.75 : size === 2 ? 1.25 : 1.1;
        const count = (known?.count ?? 0) + 1;
        candidates.set(key, {
          text: known?.text ?? words.join(' '),
          stems,
          count,
          score: weight * shape * (1 + 0.35 * Math.log(count)),
        });
      }
    }
  }
  const ranked = [...candidates.values()].sort((a, b) => b.score - a.score);
  const chosen: Phrase[] = [];
  for (const phrase of ranked) {
    if (chosen.length === 2) break;
    if (chosen.some(({ stems }) => stems.some((stem) => phrase.stems.includes(stem)))) continue;
    if (chosen.length === 1 && phrase.score < chosen[0]!.score * 0.6) break;
    chosen.push(phrase);
  }
  return chosen;
}

/** Runs of content words: between stop words, punctuation, names and numbers. */
function runsOf(text: string, language: NotesLanguage, people: ReadonlySet<string>): string[][] {
  const runs: string[][] = [];
  let run: string[] = [];
  const flush = () => {
    if (run.length > 0) runs.push(run);
    run = [];
  };
  for (const [token] of text.matchAll(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|\n|[^\s\p{L}\p{N}]/gu)) {
    const word = token.replace(/['’]s$/, '');
    const key = word.toLowerCase();
    const usable =
      /^\p{L}{3,}/u.test(word) &&
      !language.stopWords.has(key) &&
      !people.has(key) &&
      !language.notPeople.has(key) &&
      !language.notTitle.test(key);
    if (!usable) flush();
    else {
      // Capitals of a sentence's beginning are not the word's own.
      run.push(/^\p{Lu}\p{Ll}+$/u.test(word) && language.code !== 'de' ? key : word);
      if (word !== token) flush();
    }
  }
  flush();
  return runs;
}

function countStems(text: string, language: NotesLanguage): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    const stem = stemOf(word, language.code);
    counts.set(stem, (counts.get(stem) ?? 0) + 1);
  }
  return counts;
}
