/** Turns tokens into text. */
export type TokensToText = (tokens: readonly number[]) => string;

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
  return (tokens) =>
    Buffer.concat(tokens.map((token) => pieces[token] ?? new Uint8Array()))
      .toString('utf8')
      .replaceAll(SPACE, ' ')
      .trim();
}

/** Control tokens are no text. */
function bytesOf(piece: Uint8Array): Uint8Array {
  const isControl = /^<(?:unk|s|\/s|<ST_\d+>)>$/.test(Buffer.from(piece).toString('latin1'));
  return isControl ? new Uint8Array() : Uint8Array.from(piece);
}
