import { SpeakrError } from '@speakr/contracts/problem';

/** Fewest characters of an id's end that stand for it. */
const MIN_SUFFIX = 3;
const FULL_ID = 36;

export const noneEndsIn = (reference: string) =>
  new SpeakrError('not_found', `No recording ends in ${JSON.stringify(reference)}.`);

/**
 * The one row that an id or its last characters stand for.
 * @param find rows whose id meets the condition; two are enough
 * @throws SpeakrError `not_found`, `ambiguous_id`
 */
export async function byReference<T>(
  reference: string,
  find: (condition: { operator: '=' | 'like'; value: string }) => Promise<T[]>,
): Promise<T> {
  const id = reference.toLowerCase();
  // Nothing else can be part of an id, and it may not act as a pattern.
  if (!/^[0-9a-f-]+$/.test(id) || id.length < MIN_SUFFIX) throw noneEndsIn(reference);
  const found = await find(
    id.length === FULL_ID ? { operator: '=', value: id } : { operator: 'like', value: `%${id}` },
  );
  if (found.length > 1)
    throw new SpeakrError('ambiguous_id', `More than one recording ends in ${reference}.`);
  if (found[0] === undefined) throw noneEndsIn(reference);
  return found[0];
}
