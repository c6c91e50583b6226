import { SpeakrError } from '@speakr/contracts/problem';

type Kind = 'number' | 'string';
type Values<K extends readonly Kind[]> = {
  -readonly [I in keyof K]: K[I] extends 'number' ? number : string;
};

/** A place in a list as text that means nothing to those who pass it on. */
export const encodeCursor = (values: readonly (number | string)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');

/** @throws SpeakrError `invalid_request` when it is not one that a list of this kind gave */
export function decodeCursor<const K extends readonly Kind[]>(cursor: string, kinds: K): Values<K> {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const fits =
      Array.isArray(values) &&
      values.length === kinds.length &&
      kinds.every((kind, at) =>
        kind === 'number' ? Number.isSafeInteger(values[at]) : typeof values[at] === kind,
      );
    if (fits) return values as Values<K>;
  } catch {
    // Told below.
  }
  throw new SpeakrError('invalid_request', 'The cursor is not one that a list gave.');
}
