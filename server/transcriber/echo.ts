/** A word with where it was heard, ms. */
export interface HeardWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Something said, with word times where there are any. */
export interface Heard {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly words?: readonly HeardWord[];
}

/** Share of words that must be the same for a segment to be an echo. */
export const ECHO_SHARE = 0.8;
/** How far apart the same word may be on two tracks, ms. Most of it is that word times are estimated. */
export const ECHO_TOLERANCE_MS = 1000;
/** One or two words can agree by chance ("yes"): they must be nearer, as sound in a room is. */
const FEW_WORDS = 2;
const FEW_TOLERANCE_MS = 500;

/**
 * Share of the words of a microphone segment that the computer played at about the same time: in the same order, each
 * within the tolerance. The longest common subsequence, with time as a second condition.
 * @param played what was played around that time, in order
 * @returns 0 … 1; 0 for a segment without words
 */
export function echoShare(segment: Heard, played: readonly Heard[]): number {
  const heard = wordsOf(segment);
  if (heard.length === 0) return 0;
  const few = segment.text.trim().split(/\s+/).length <= FEW_WORDS;
  const tolerance = few ? FEW_TOLERANCE_MS : ECHO_TOLERANCE_MS;
  const said = played
    .filter(
      ({ startMs, endMs }) => startMs <= segment.endMs + tolerance && endMs >= segment.startMs - tolerance,
    )
    .flatMap(wordsOf);
  let row = new Uint16Array(said.length + 1);
  for (const word of heard) {
    const next = new Uint16Array(said.length + 1);
    for (const [at, other] of said.entries()) {
      const same = isNear(word, other, tolerance) && isSameWord(word.text, other.text) ? row[at]! + 1 : 0;
      next[at + 1] = Math.max(same, row[at + 1]!, next[at]!);
    }
    row = next;
  }
  return row[said.length]! / heard.length;
}

/**
 * Words without case and punctuation, contractions as two ("you'd" and "you could" sound alike in an echo); times are
 * shared by length where the segment has none.
 */
export function wordsOf({ text, startMs, endMs, words }: Heard): HeardWord[] {
  const timed = words !== undefined && words.length > 0 ? words : share(text, startMs, endMs);
  return timed
    .flatMap((word) => word.text.split(/['’]/).map((part) => ({ ...word, text: plain(part) })))
    .filter((word) => word.text !== '');
}

const plain = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

function share(text: string, startMs: number, endMs: number): HeardWord[] {
  const words = text.split(/[\s-]+/).filter((word) => word !== '');
  const total = words.reduce((sum, word) => sum + word.length, 0);
  let before = 0;
  const at = (characters: number) => startMs + ((endMs - startMs) * characters) / Math.max(1, total);
  return words.map((word) => {
    const timed = { text: word, startMs: at(before), endMs: at(before + word.length) };
    before += word.length;
    return timed;
  });
}

/** Overlapping, or apart by no more than the tolerance. */
const isNear = (a: HeardWord, b: HeardWord, tolerance: number) =>
  a.startMs <= b.endMs + tolerance && b.startMs <= a.endMs + tolerance;

/** The recognizer hears an echo a little differently: long words may differ in one letter. */
function isSameWord(a: string, b: string): boolean {
  if (a === b) return true;
  if (Math.min(a.length, b.length) < 5 || Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1);
}
