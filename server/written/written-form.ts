import type { Segment, Word } from '@speakr/contracts/transcript';
import type { Rule } from './language.ts';
import { spokenLanguages } from './languages/languages.ts';
import { type Edit, phrasesOf, tokensOf, writtenTokens } from './phrase.ts';
import { sharedRules } from './rules.ts';

interface Writer {
  readonly rules: readonly Rule[];
  readonly isNumberWord: (word: string) => boolean;
  readonly tidy: (text: string) => string;
}

const writers = new Map<string, Writer>();

function writerOf(code: string): Writer | undefined {
  const known = writers.get(code);
  if (known !== undefined) return known;
  const language = spokenLanguages.find((each) => each.code === code);
  if (language === undefined) return undefined;
  const writer = {
    rules: sharedRules(language),
    isNumberWord: language.isNumberWord,
    tidy: language.tidy ?? ((text: string) => text),
  };
  writers.set(code, writer);
  return writer;
}

/**
 * Numbers, dates, times, amounts and units as people write them. What may mean something else stays as it was said.
 * Doing it twice changes nothing more.
 * @param language ISO 639-1; a text in one that is not known stays as it is
 */
export function writtenText(text: string, language: string): string {
  const writer = writerOf(language);
  if (writer === undefined) return text;
  const tidy = writer.tidy(text);
  const tokens = tokensOf(tidy);
  const edits = editsOf(tokens, writer);
  if (edits.length === 0) return tidy;
  return joined(tokens, edits)
    .map(({ text }) => text)
    .join(' ');
}

/** The same for a segment with the times of its words: a number of several words takes the time of all of them. */
export function writtenSegment<S extends Pick<Segment, 'text' | 'words'>>(segment: S, language: string): S {
  const writer = writerOf(language);
  if (writer === undefined) return segment;
  const tidy = writer.tidy(segment.text);
  const tokens = tokensOf(tidy);
  const edits = editsOf(tokens, writer);
  if (edits.length === 0 && tidy === segment.text) return segment;
  const pieces = joined(tokens, edits);
  const text = edits.length === 0 ? tidy : pieces.map((piece) => piece.text).join(' ');
  const { words } = segment;
  if (words === undefined || words.length !== tokens.length) return { ...segment, text };
  return { ...segment, text, words: pieces.flatMap((piece) => mergedWords(piece, words)) };
}

/** One word for what was written anew; what was not keeps its own. */
function mergedWords({ from, to, text }: Edit, words: readonly Word[]): Word[] {
  const [first, last] = [words[from], words[to - 1]];
  if (first === undefined || last === undefined) return [];
  const parts = text.split(' ');
  if (parts.length === 1) return [{ ...first, text, endMs: last.endMs }];
  const share = (last.endMs - first.startMs) / parts.length;
  const at = (part: number) => Math.round(first.startMs + share * part);
  return parts.map((part, index) => ({
    ...first,
    text: part,
    startMs: at(index),
    endMs: at(index + 1),
    estimated: true,
  }));
}

/** The edits, and between them one for every token that stays. */
function joined(tokens: ReturnType<typeof tokensOf>, edits: readonly Edit[]): Edit[] {
  const pieces: Edit[] = [];
  const starts = new Map(edits.map((edit) => [edit.from, edit]));
  for (let at = 0; at < tokens.length; ) {
    const { before = '', core = '', after = '' } = tokens[at] ?? {};
    const edit = starts.get(at);
    const text = edit === undefined ? before + core + after : writtenTokens(tokens, edit);
    const to = edit?.to ?? at + 1;
    pieces.push({ from: at, to, text });
    at = to;
  }
  return pieces;
}

function editsOf(tokens: ReturnType<typeof tokensOf>, { rules, isNumberWord }: Writer): Edit[] {
  const edits: Edit[] = [];
  for (const phrase of phrasesOf(tokens, isNumberWord)) {
    const { words, tokens: place } = phrase;
    for (let at = 0; at < words.length; ) {
      let end = at + 1;
      for (const rule of rules) {
        const result = rule(phrase, at);
        if (result === undefined) continue;
        const [from, to] = [place[at] as number, (place[result.end - 1] as number) + 1];
        // A hyphenated word is written anew as a whole or not at all.
        const isWhole = place[at - 1] !== from && place[result.end] !== to - 1;
        if (result.text !== undefined && isWhole) edits.push({ from, to, text: result.text });
        end = result.end;
        break;
      }
      at = end;
    }
  }
  return edits;
}
