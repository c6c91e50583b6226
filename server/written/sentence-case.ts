import type { Segment } from '@speakr/contracts/transcript';

/** A silence that ends a sentence, ms. */
const SENTENCE_PAUSE_MS = 700;
/** Any of these, and the engine punctuates by itself. */
const written = /[.,!?;:…。、！？]|\p{Lu}/u;
/** Scripts with capital letters. */
const cased = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u;

/**
 * Full stops and capitals for the transcript of an engine that gives none: a sentence ends where its speaker pauses, or
 * another one begins. Capitals at its start, for known names, and for the English "I". A transcript with a single mark
 * or capital anywhere stays as it is: its engine knows better.
 * @param segments in order of time
 * @param names as they are written
 */
export function sentenceCase<S extends Pick<Segment, 'text' | 'words' | 'track' | 'startMs' | 'endMs'>>(
  segments: readonly S[],
  language: string,
  names: readonly string[],
): readonly S[] {
  if (segments.some(({ text }) => written.test(text)) || !segments.some(({ text }) => cased.test(text)))
    return segments;
  const spelled = new Map(
    names
      .filter((name) => written.test(name) && !/\s/.test(name))
      .map((name) => [name.toLowerCase(), name] as const),
  );
  const ended = new Map<number, boolean>();
  return segments.map((segment, index) => {
    const { text, track, endMs } = segment;
    if (text.trim() === '') return segment;
    const begins = ended.get(track) ?? true;
    const next = segments.slice(index + 1).find(({ text }) => text.trim() !== '');
    const isEnd = next === undefined || next.track !== track || next.startMs - endMs >= SENTENCE_PAUSE_MS;
    ended.set(track, isEnd);
    const tokens = text.split(/\s+/).filter(Boolean);
    const shown = tokens.map((token, at) => {
      const named = spelled.get(token) ?? (language === 'en' ? firstPerson(token) : token);
      const capital = at === 0 && begins ? capitalized(named) : named;
      return at === tokens.length - 1 && isEnd ? `${capital}.` : capital;
    });
    const { words } = segment;
    const isAligned = words?.length === shown.length;
    return {
      ...segment,
      text: shown.join(' '),
      ...(isAligned ? { words: words?.map((word, at) => ({ ...word, text: shown[at] as string })) } : {}),
    };
  });
}

const firstPerson = (token: string) => (/^i(?:'(?:m|ll|ve|d))?$/.test(token) ? capitalized(token) : token);

const capitalized = (word: string) => {
  const [first = ''] = word;
  return first.toUpperCase() + word.slice(first.length);
};
