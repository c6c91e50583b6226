import type { Evidence } from '@speakr/contracts/field';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { NotesLanguage } from './languages/language.ts';
import { textMemory } from './text-memory.ts';

/** A sentence as the notes see it. */
export interface Sentence {
  readonly index: number;
  /** As said, without fillers. */
  readonly text: string;
  /** `text` without its empty beginning ("okay, so"), for matching. */
  readonly body: string;
  readonly question: boolean;
  readonly speaker?: string;
  readonly track: number;
  readonly evidence: readonly Evidence[];
  readonly startMs: number;
  readonly endMs: number;
}

/** Text of a segment and where it begins there. */
interface Part {
  readonly text: string;
  readonly from: number;
}

interface Piece {
  text: string;
  startMs: number;
  endMs: number;
}

/** A segment that follows later than this begins a new sentence even when the last one has no full stop. */
const joinWithinMs = 1200;
const longRunWords = 18;
const mostRunWords = 35;
const abbreviation = /(?:\b(?:dr|mr|mrs|ms|prof|st|vs|no|approx|e\.g|i\.e|ca|bzw|z\.b|sr|sra)|\b[a-z])\.$/i;

/**
 * Cuts a transcript into sentences. A sentence that runs over a segment boundary of one speaker is joined; a run
 * without punctuation is cut where a new thought usually begins.
 */
export function toSentences(transcript: Transcript, language: NotesLanguage): Sentence[] {
  const open: { pieces: Piece[]; segment: Segment; evidence: Evidence[] }[] = [];
  for (const segment of transcript.segments) {
    for (const piece of splitSegment(segment, language)) {
      const evidence = {
        revision: transcript.revision,
        segmentId: segment.id,
        startMs: piece.startMs,
        endMs: piece.endMs,
      };
      const last = open.at(-1);
      if (last && continues(last, segment, piece)) {
        last.pieces.push(piece);
        last.evidence.push(evidence);
      } else open.push({ pieces: [piece], segment, evidence: [evidence] });
    }
  }
  const sentences: Sentence[] = [];
  for (const { pieces, segment, evidence } of open) {
    const said = pieces.map((piece) => piece.text).join(' ');
    const wording = wordings(`${language.code} ${said}`, () => wordingOf(said, language));
    if (!/[\p{L}\p{N}]/u.test(wording.text)) continue;
    sentences.push({
      index: sentences.length,
      ...wording,
      ...(segment.speaker === undefined ? {} : { speaker: segment.speaker }),
      track: segment.track,
      evidence,
      startMs: evidence[0]!.startMs,
      endMs: evidence.at(-1)!.endMs,
    });
  }
  return sentences;
}

const wordings = textMemory<Pick<Sentence, 'text' | 'body' | 'question'>>();

function wordingOf(said: string, language: NotesLanguage): Pick<Sentence, 'text' | 'body' | 'question'> {
  const text = withoutFillers(said, language);
  const body = withoutOpeners(text, language);
  const question =
    /\?["')\]]*$/.test(text) || (!/[.!…]$/.test(text) && language.questions.opening.test(body));
  return { text, body, question };
}

function continues(last: { pieces: Piece[]; segment: Segment }, segment: Segment, piece: Piece): boolean {
  const before = last.pieces.at(-1)!;
  if (last.segment === segment) return false;
  if (last.segment.track !== segment.track || last.segment.speaker !== segment.speaker) return false;
  if (piece.startMs - before.endMs > joinWithinMs || last.pieces.length >= 4) return false;
  if (/[.!?…]["')\]]*$/.test(before.text)) return false;
  // A recognizer that writes no capitals says nothing by a small letter.
  return /\p{Lu}/u.test(before.text) && /^\p{Ll}/u.test(piece.text);
}

function splitSegment(segment: Segment, language: NotesLanguage): Piece[] {
  const { text, parts } = splitTexts(`${language.code} ${segment.text}`, () =>
    splitText(segment.text, language),
  );
  return parts.map((part) => ({
    text: part.text,
    startMs: timeAt(segment, text, part.from),
    endMs: timeAt(segment, text, part.from + part.text.length, true),
  }));
}

const splitTexts = textMemory<{ text: string; parts: Part[] }>();

function splitText(said: string, language: NotesLanguage): { text: string; parts: Part[] } {
  let text = said.replace(/\s+/g, ' ').trim();
  for (const [written, usual] of language.spellings) text = text.replace(written, usual);
  if (text === '') return { text, parts: [] };
  const parts: Part[] = [];
  let from = 0;
  const ends = [...text.matchAll(/[.!?…]+["')\]]*\s+/g), ...text.matchAll(language.sentenceStarts)];
  for (const match of ends.sort((a, b) => a.index - b.index)) {
    const end = match.index + match[0].length;
    const sentence = text.slice(from, end).trimEnd();
    if (sentence.endsWith('.') && abbreviation.test(sentence) && !/\bI\.$/.test(sentence)) continue;
    parts.push({ text: sentence, from });
    from = end;
  }
  if (from < text.length) parts.push({ text: text.slice(from), from });
  return { text, parts: parts.flatMap((whole) => splitRun(whole, language)) };
}

function splitRun(part: Part, language: NotesLanguage): Part[] {
  const bare = !/[,;:.!?…]/.test(part.text);
  if (!bare && (part.text.split(' ').length < longRunWords || /[,;:.!?]\s/.test(part.text))) return [part];
  const pieces: Part[] = [];
  let from = 0;
  for (const match of part.text.matchAll(language.runBreaks)) {
    const left = part.text.slice(from, match.index).trimEnd();
    // "Priya can you …" stays whole, "not yet I'll …" does not.
    const least = /^(?:i|ich|je|eu|tôi)(?!\p{L})/iu.test(match[0]) ? 2 : 4;
    if (left.split(' ').length < least) continue;
    pieces.push({ text: left, from: part.from + from });
    from = match.index;
  }
  pieces.push({ text: part.text.slice(from), from: part.from + from });
  return pieces.flatMap(cutEvenly);
}

/** A run without any sign of its parts is cut into even ones, or nothing of it could be quoted. */
function cutEvenly(part: Part): Part[] {
  const words = part.text.split(' ');
  const parts = Math.ceil(words.length / mostRunWords);
  if (parts === 1) return [part];
  const size = Math.ceil(words.length / parts);
  const cut: Part[] = [];
  let { from } = part;
  for (let at = 0; at < words.length; at += size) {
    const text = words.slice(at, at + size).join(' ');
    cut.push({ text, from });
    from += text.length + 1;
  }
  return cut;
}

/** Time of a character of the segment: by the times of its words where there are any, else in proportion. */
function timeAt(segment: Segment, text: string, offset: number, end = false): number {
  const words = segment.words;
  if (words && words.length > 0) {
    const before = text.slice(0, offset).split(' ').filter(Boolean).length;
    const word = words[Math.min(words.length - 1, Math.max(0, end ? before - 1 : before))]!;
    return Math.min(segment.endMs, Math.max(segment.startMs, end ? word.endMs : word.startMs));
  }
  const share = text.length === 0 ? 0 : offset / text.length;
  return Math.round(segment.startMs + (segment.endMs - segment.startMs) * share);
}

function withoutFillers(text: string, language: NotesLanguage): string {
  const cleaned = text
    .replace(language.fillers, ' ')
    .replace(/\s+([,.!?;:])/g, '$1')
    .replace(/([,;:])(?:\s*[,;:])+/g, '$1')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;:.…-]+/, '')
    .trim();
  return cleaned.replace(/^\p{Ll}/u, (letter) =>
    /^\p{Lu}/u.test(text.trim()) ? letter.toUpperCase() : letter,
  );
}

function withoutOpeners(text: string, language: NotesLanguage): string {
  let body = text;
  for (;;) {
    const next = body.replace(language.openers, '').trimStart();
    if (next === body || !/[\p{L}\p{N}]/u.test(next)) return body;
    body = next;
  }
}

/** Lower-case words of a text; numbers and apostrophes stay inside. */
export function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}\p{N}]+(?:['.,-][\p{L}\p{N}]+)*/gu) ?? []
  );
}

const contentWords = textMemory<readonly string[]>();

/** Content words of a text, reduced to stems. */
export function termsOf(text: string, language: NotesLanguage): readonly string[] {
  return contentWords(`${language.code} ${text}`, () => {
    const terms: string[] = [];
    for (const word of wordsOf(text)) {
      if (language.stopWords.has(word)) continue;
      const stem = stemOf(word, language.code);
      if (stem.length > 1 || /\d/.test(stem)) terms.push(stem);
    }
    return terms;
  });
}

const stems = new Map<string, string>();

/** A rough stem, enough to let "sending" meet "sends". Cached: five hours of speech have few different words. */
export function stemOf(word: string, code: string): string {
  const key = `${code} ${word}`;
  let stem = stems.get(key);
  if (stem === undefined) {
    if (stems.size > 50_000) stems.clear();
    stem =
      code === 'en' ? englishStem(word) : code === 'vi' ? word : word.slice(0, Math.max(5, word.length - 3));
    stems.set(key, stem);
  }
  return stem;
}

function englishStem(word: string): string {
  let stem = word.replace(/'(?:s|ll|re|ve|d|m|t)?$/, '');
  if (stem.length > 4) stem = stem.replace(/(?:ies|ied)$/, 'y');
  if (stem.length > 5) stem = stem.replace(/(?:ations?|ings?|ments?|ers?|ly)$/, '');
  if (stem.length > 4) stem = stem.replace(/(?:ed|es)$/, '');
  if (stem.length > 3) stem = stem.replace(/([^s])s$/, '$1').replace(/e$/, '');
  return stem.replace(/([bdglmnprt])\1$/, '$1');
}
