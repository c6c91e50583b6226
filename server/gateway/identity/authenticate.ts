import { createHash, timingSafeEqual } from 'node:crypto';
import { type Identity, type Role, scopes } from '@speakr/contracts/identity';

/**
 * Tells who a bearer token belongs to, undefined when it is not valid.
 * @throws SpeakrError `unauthorized` with a reason that the caller may know; `unavailable` when it cannot be told now
 */
export type Authenticate = (token: string) => Promise<Identity | undefined>;

/** Longer tokens are not looked at, characters. */
export const MOST_TOKEN_CHARACTERS = 8192;

export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Somebody who may do everything that their own data allow. */
export const everything = (
  user: string,
  method: Identity['method'],
  roles: readonly Role[] = [],
): Identity => ({
  user,
  method,
  scopes: [...scopes],
  ...(roles.length === 0 ? {} : { roles: [...roles] }),
});

/** One token, one owner, who runs the server. Compares in constant time. */
export function singleToken(token: string, owner: string): Authenticate {
  const expected = digestOf(token);
  return async (given) =>
    timingSafeEqual(digestOf(given), expected) ? everything(owner, 'token', ['admin']) : undefined;
}

/**
 * Whether a token is meant as an API key: anything that begins like one, so that a mangled key reaches nothing else.
 */
export const isApiKey = (token: string): boolean => token.startsWith('speakr_');

/** Three parts of base64url: nothing else that is a token here looks like it. */
const isJwt = (token: string) => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);

/** Asks the one that knows tokens of this shape. */
export function authenticateBy(known: {
  keys: Authenticate | undefined;
  jwt: Authenticate | undefined;
  tokens: Authenticate | undefined;
}): Authenticate {
  return async (token) => {
    if (token.length > MOST_TOKEN_CHARACTERS) return undefined;
    if (isApiKey(token)) return known.keys?.(token);
    return isJwt(token) ? known.jwt?.(token) : known.tokens?.(token);
  };
}
