import { SpeakrError } from '@speakr/contracts/problem';

/** What a list gives where nothing is said. */
const DEFAULT_LIMIT = 50;

interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** The last item of the page before: its name, and where it stood, in case it has gone since. */
const encode = (identity: string, index: number) =>
  Buffer.from(JSON.stringify([identity, index])).toString('base64url');

function decode(cursor: string): { identity: string; index: number } {
  try {
    const [identity, index] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof identity === 'string' && Number.isSafeInteger(index) && index >= 0) return { identity, index };
  } catch {
    // Told below.
  }
  throw new SpeakrError('invalid_request', 'The cursor is not one that a list gave.');
}

/**
 * A page of a list that is there as a whole. What comes or goes between two pages moves nothing out of sight.
 * @param identityOf a name that an item keeps, unique in the list
 * @throws SpeakrError `invalid_request` for a wrong cursor
 */
export function pageOf<T>(
  items: readonly T[],
  { limit = DEFAULT_LIMIT, cursor }: PageQuery,
  identityOf: (item: T) => string,
): { items: T[]; nextCursor?: string } {
  let start = 0;
  if (cursor !== undefined) {
    const { identity, index } = decode(cursor);
    const found = items.findIndex((item) => identityOf(item) === identity);
    start = found >= 0 ? found + 1 : index;
  }
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  return start + limit < items.length && last !== undefined
    ? { items: page, nextCursor: encode(identityOf(last), start + limit - 1) }
    : { items: page };
}
