import { SpeakrError } from '@speakr/contracts/problem';

/** Fewest characters of an id's end that stand for it. */
const MIN_SUFFIX = 3;
const FULL_ID = 36;

export const noneEndsIn = (reference: string, noun = 'recording') =>
  new SpeakrError('not_found', `No ${noun} ends in ${JSON.stringify(reference)}.`);

/**
 * The one row that an id or its last characters stand for.
 * @param find rows whose id meets the condition; two are enough
 * @param noun what it is called in an error
 * @throws SpeakrError `not_found`, `ambiguous_id`
 */
export async function byReference<T>(
  reference: string,
  find: (condition: { operator: '=' | 'like'; value: string }) => Promise<T[]>,
  noun = 'recording',
): Promise<T> {
  const id = reference.toLowerCase();
  // Nothing else can be part of an id, and it may not act as a pattern.
  if (!/^[0-9a-f-]+$/.test(id) || id.length < MIN_SUFFIX) throw noneEndsIn(reference, noun);
  const found = await find(
    id.length === FULL_ID ? { operator: '=', value: id } : { operator: 'like', value: `%${id}` },
  );
  if (found.length > 1) throw new SpeakrError('ambiguous_id', `More than one ${noun} ends in ${reference}.`);
  if (found[0] === undefined) throw noneEndsIn(reference, noun);
  return found[0];
}
