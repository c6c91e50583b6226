import type { Segment } from '@speakr/contracts/transcript';

/** A subtitle: what is on the screen at one time. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  /** One or two lines. */
  readonly text: string;
  readonly speaker?: string;
}

// Netflix and BBC subtitle guidelines agree: 42 characters a line, two lines, at most 7 s on the screen.
const LINE_CHARACTERS = 42;
const CUE_CHARACTERS = 2 * LINE_CHARACTERS;
const CUE_MS = 7000;

interface TimedWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Cuts segments into subtitles at words; words without times share their segment by length. */
export function cuesOf(segments: readonly Segment[]): Cue[] {
  return segments.flatMap((segment) => {
    const cues: Cue[] = [];
    let words: TimedWord[] = [];
    const push = () => {
      const [first, last] = [words[0], words.at(-1)];
      if (first && last)
        cues.push({
          startMs: first.startMs,
          endMs: Math.max(last.endMs, first.startMs + 1),
          text: twoLines(words.map(({ text }) => text)),
          ...(segment.speaker === undefined ? {} : { speaker: segment.speaker }),
        });
      words = [];
    };
    for (const word of timedWords(segment)) {
      const characters = words.reduce((sum, { text }) => sum + text.length + 1, word.text.length);
      const tooLong = word.endMs - (words[0]?.startMs ?? word.startMs) > CUE_MS;
      if (characters > CUE_CHARACTERS || tooLong) push();
      words.push(word);
    }
    push();
    return cues;
  });
}

function timedWords({ text, startMs, endMs, words }: Segment): TimedWord[] {
  if (words !== undefined && words.length > 0) return [...words];
  const texts = text.split(/\s+/).filter((word) => word !== '');
  const total = texts.reduce((sum, word) => sum + word.length, 0);
  let before = 0;
  return texts.map((word) => {
    const at = (characters: number) => Math.round(startMs + ((endMs - startMs) * characters) / total);
    const timed = { text: word, startMs: at(before), endMs: at(before + word.length) };
    before += word.length;
    return timed;
  });
}

function twoLines(words: readonly string[]): string {
  const whole = words.join(' ');
  if (whole.length <= LINE_CHARACTERS) return whole;
  // The break that leaves the two lines most alike.
  let best = 1;
  let bestLength = Number.POSITIVE_INFINITY;
  for (let at = 1; at < words.length; at += 1) {
    const longer = Math.max(words.slice(0, at).join(' ').length, words.slice(at).join(' ').length);
    if (longer < bestLength) [best, bestLength] = [at, longer];
  }
  return words.length < 2 ? whole : `${words.slice(0, best).join(' ')}\n${words.slice(best).join(' ')}`;
}
