import type { FoundToken } from './beam-search.ts';

export interface SpokenText {
  readonly text: string;
  /** Probability of each word of `text`: of all its tokens that are more than punctuation. */
  readonly confidences: readonly number[];
}

/** Turns tokens into text. */
export type TokensToText = (tokens: readonly FoundToken[]) => SpokenText;

/** What SentencePiece writes for a space. */
const SPACE = '\u2581';

/**
 * Reads Moonshine's `tokenizer.bin`: the bytes of each token behind their length, which takes one byte below 128, else
 * two (low seven bits first).
 * @throws RangeError when the file ends inside a token
 */
export function readTokens(file: Uint8Array): TokensToText {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    let length = file[at++] as number;
    if (length >= 128) length += ((file[at++] ?? 0) - 1) * 128;
    if (at + length > file.length) throw new RangeError('The tokenizer ends inside a token.');
    pieces.push(bytesOf(file.subarray(at, at + length)));
    at += length;
  }
  return (tokens) => {
    const spoken = tokens.map(({ token, logarithm }) => ({
      piece: pieces[token] ?? new Uint8Array(),
      logarithm,
    }));
    const text = Buffer.concat(spoken.map(({ piece }) => piece)).toString('utf8');
    return { text: text.replaceAll(SPACE, ' ').trim(), confidences: confidencesOf(spoken) };
  };
}

function confidencesOf(spoken: readonly { piece: Uint8Array; logarithm: number }[]): number[] {
  const words: number[] = [];
  for (const { piece, logarithm } of spoken) {
    const part = Buffer.from(piece).toString('utf8');
    if (part === '') continue;
    if (words.length === 0 || part.startsWith(SPACE)) words.push(logarithm);
    else if (/[\p{L}\p{N}]/u.test(part)) words[words.length - 1] = (words.at(-1) as number) + logarithm;
  }
  return words.map(Math.exp);
}

/** Control tokens are no text. */
function bytesOf(piece: Uint8Array): Uint8Array {
  const isControl = /^<(?:unk|s|\/s|<ST_\d+>)>$/.test(Buffer.from(piece).toString('latin1'));
  return isControl ? new Uint8Array() : Uint8Array.from(piece);
}
