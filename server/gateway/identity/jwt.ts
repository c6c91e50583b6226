import { createHash } from 'node:crypto';
import { type Role, type Scope, scopes } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../observability/log.ts';
import type { Authenticate } from './authenticate.ts';
import { createIssuerKeys } from './issuer-keys.ts';

export interface JwtOptions {
  /** As the tokens name it, to the letter. */
  readonly issuer: string;
  /** What tokens must be for. */
  readonly audience: string;
  /** Where in a token the roles of its user are, names joined by dots, and which of them administrators have. */
  readonly administrators?: { readonly claim: string; readonly role: string };
  readonly clock: Clock;
  readonly log: Log;
}

/** What the clocks of issuer and server may differ by, seconds. */
const CLOCK_TOLERANCE_S = 60;
/** OpenID Connect Core, section 2. */
const MOST_SUBJECT_CHARACTERS = 255;
/** Scopes of speakr are told from those of others by this. */
const SCOPE_PREFIX = 'speakr:';

/**
 * The user that a subject of an issuer is, always the same: nothing needs to be kept to know them again. The subject of
 * another issuer is somebody else, whatever it is called.
 */
export function userOf(issuer: string, subject: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url');
  return `u-${digest.slice(0, 22)}`;
}

/** A token that names scopes of speakr has these; one that names none is a person's, who may do everything. */
function scopesOf({ scope, scp }: JWTPayload): Scope[] {
  const named = [scope, scp]
    .flatMap((value) => (typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : []))
    .filter((each) => typeof each === 'string' && each.startsWith(SCOPE_PREFIX))
    .map((each) => each.slice(SCOPE_PREFIX.length));
  return named.length === 0 ? [...scopes] : scopes.filter((each) => named.includes(each));
}

/** A list of names, one name, or names joined by blanks: issuers differ. */
function rolesOf(payload: JWTPayload, { claim, role }: NonNullable<JwtOptions['administrators']>): Role[] {
  // A claim may have dots in its name (`https://example.org/roles`); else they lead into it (`realm_access.roles`).
  const value = Object.hasOwn(payload, claim)
    ? payload[claim]
    : claim
        .split('.')
        .reduce<unknown>(
          (within, name) =>
            typeof within === 'object' && within !== null && Object.hasOwn(within, name)
              ? (within as Record<string, unknown>)[name]
              : undefined,
          payload,
        );
  const named = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  return named.includes(role) ? ['admin'] : [];
}

/**
 * Access tokens of an OpenID Connect issuer: JWT signed with RS256 (RFC 7519, RFC 9068). Algorithms are ours to choose,
 * never the token's (RFC 8725).
 */
export function createJwtAuthenticate(options: JwtOptions): Authenticate {
  const { issuer, audience, administrators, clock, log } = options;
  const findKey = createIssuerKeys({ issuer, clock, log });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, findKey, {
        issuer,
        audience,
        algorithms: ['RS256'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      const { sub = '', iat = 0 } = payload;
      if (iat > clock.now() / 1000 + CLOCK_TOLERANCE_S) return undefined;
      // What a claim is cannot be relied on, whatever its type says.
      if (typeof sub !== 'string' || sub === '' || sub.length > MOST_SUBJECT_CHARACTERS) return undefined;
      const roles = administrators === undefined ? [] : rolesOf(payload, administrators);
      return {
        user: userOf(issuer, sub),
        scopes: scopesOf(payload),
        ...(roles.length === 0 ? {} : { roles }),
        method: 'login',
      };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new SpeakrError('unauthorized', 'The token has expired.');
      if (!(error instanceof errors.JOSEError)) throw error;
      log.debug({ code: error.code }, 'a token was refused');
      return undefined;
    }
  };
}
