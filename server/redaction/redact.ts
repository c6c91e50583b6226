import type { RedactionKind } from '@speakr/contracts/policies';
import type { Segment, Word } from '@speakr/contracts/transcript';
import { type Token, tokensOf } from '../written/phrase.ts';
import { findPersonal, type PersonalSpan } from './find-personal.ts';

export interface RedactedText {
  readonly text: string;
  readonly found: readonly RedactionKind[];
}

/** A text with `[card]`, `[phone]` and so on in place of what is personal. */
export function redactText(text: string, language: string, kinds: ReadonlySet<RedactionKind>): RedactedText {
  const tokens = tokensOf(text);
  const spans = findPersonal(tokens, language, kinds);
  if (spans.length === 0) return { text, found: [] };
  const placed = bySpan(spans);
  const pieces = tokens.flatMap((token, at) => pieceAt(token, at, tokens, placed) ?? []);
  return { text: pieces.join(' '), found: spans.map(({ kind }) => kind) };
}

/** For each token the span it is in. */
function bySpan(spans: readonly PersonalSpan[]): Map<number, PersonalSpan> {
  const placed = new Map<number, PersonalSpan>();
  for (const span of spans) for (let at = span.from; at < span.to; at++) placed.set(at, span);
  return placed;
}

/** What a token becomes; undefined when it is gone. */
function pieceAt(
  { before, core, after }: Token,
  at: number,
  tokens: readonly Token[],
  placed: ReadonlyMap<number, PersonalSpan>,
): string | undefined {
  const span = placed.get(at);
  if (span === undefined) return before + core + after;
  if (at !== span.from) return undefined;
  // "(415) 555-2671"
  const opens =
    before.endsWith('(') && tokens.slice(at, span.to - 1).some(({ after }) => after.includes(')'));
  // A placeholder that goes on.
  const isPlaceholder = before.endsWith('[') && tokens[at]?.core === span.kind;
  return `${opens || isPlaceholder ? before.slice(0, -1) : before}[${span.kind}]${tokens[span.to - 1]?.after ?? ''}`;
}

type Spoken = Pick<Segment, 'text' | 'words' | 'startMs' | 'endMs'>;

/**
 * The same over segments that follow each other: a number that is read out in groups is cut where its speaker pauses.
 * A segment of which nothing is left has no text.
 * @param segments of one track, in order of time
 */
export function redactSegments<S extends Spoken>(
  segments: readonly S[],
  language: string,
  kinds: ReadonlySet<RedactionKind>,
): { segments: readonly S[]; found: readonly RedactionKind[] } {
  const own = segments.map(({ text }) => tokensOf(text));
  const tokens = own.flat();
  const spans = findPersonal(tokens, language, kinds);
  if (spans.length === 0) return { segments, found: [] };
  const placed = bySpan(spans);
  let first = 0;
  const redacted = segments.map((segment, index) => {
    const from = first;
    const to = from + (own[index]?.length ?? 0);
    first = to;
    if (!own[index]?.some((_, at) => placed.has(from + at))) return segment;
    const pieces = (own[index] ?? []).map((token, at) => pieceAt(token, from + at, tokens, placed));
    const text = pieces.filter((piece) => piece !== undefined).join(' ');
    return { ...segment, text, ...(segment.words ? { words: redactedWords(segment, pieces) } : {}) };
  });
  return { segments: redacted, found: spans.map(({ kind }) => kind) };
}

/** A placeholder takes the time of all it stands for. Where words and text do not match, no word of it is kept. */
function redactedWords(
  { words = [], startMs, endMs }: Spoken,
  pieces: readonly (string | undefined)[],
): Word[] {
  if (words.length !== pieces.length) {
    const left = pieces.filter((piece) => piece !== undefined);
    const share = (endMs - startMs) / Math.max(1, left.length);
    return left.map((text, index) => ({
      text,
      startMs: Math.round(startMs + share * index),
      endMs: Math.round(startMs + share * (index + 1)),
      estimated: true,
    }));
  }
  const kept: Word[] = [];
  for (const [index, piece] of pieces.entries()) {
    const word = words[index] as Word;
    const last = kept.at(-1);
    if (piece !== undefined) kept.push({ ...word, text: piece });
    else if (last !== undefined) kept[kept.length - 1] = { ...last, endMs: word.endMs };
  }
  return kept;
}
