import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../clock.ts';
import type { Credential, Credentials } from './credentials.ts';
import { type Fetch, findIssuer, IssuerRefusal, post, TokenAnswer } from './issuer.ts';

/** An access token is renewed when it has less than this left, ms, or a quarter of its time. */
const MARGIN_MS = 60_000;

export interface AccessTokenOptions {
  readonly server: string;
  readonly credentials: Credentials;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/**
 * The access token of the login at a server, renewed where needed. Several processes of a user renew one after the
 * other: the first does, the others take what it got.
 * @param rejected a token that the server refused just now
 * @throws SpeakrError `unauthorized` when there is no login or it has ended; `unreachable`, `unavailable`
 */
export function createAccessToken(options: AccessTokenOptions): (rejected?: string) => Promise<string> {
  const { server, credentials, fetch, clock } = options;
  const isGood = ({ accessToken, issuedAt, expiresAt }: Credential, rejected?: string) =>
    accessToken !== rejected && expiresAt - clock.now() > Math.min(MARGIN_MS, (expiresAt - issuedAt) / 4);

  return async (rejected) => {
    const known = find();
    if (isGood(known, rejected)) return known.accessToken;
    return credentials.exclusively(async () => {
      const current = find();
      if (isGood(current, rejected)) return current.accessToken;
      const renewed = await renew(current);
      credentials.keep(server, renewed);
      return renewed.accessToken;
    });
  };

  function find(): Credential {
    const found = credentials.find(server);
    if (found === undefined) throw loggedOut(`You are not logged in at ${server}.`);
    return found;
  }

  async function renew(credential: Credential): Promise<Credential> {
    const { issuer, clientId, resource, refreshToken } = credential;
    if (refreshToken === undefined) throw loggedOut(`The login at ${server} has ended.`);
    const { token_endpoint } = await findIssuer(issuer, fetch);
    const issuedAt = clock.now();
    try {
      const answer = await post(
        fetch,
        token_endpoint,
        { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId, resource },
        TokenAnswer,
      );
      return {
        ...credential,
        accessToken: answer.access_token,
        // Not every issuer gives a new one each time.
        refreshToken: answer.refresh_token ?? refreshToken,
        issuedAt,
        expiresAt: issuedAt + answer.expires_in * 1000,
      };
    } catch (error) {
      if (error instanceof IssuerRefusal)
        throw loggedOut(`The login at ${server} has ended (${error.code}).`);
      throw error;
    }
  }

  function loggedOut(detail: string): SpeakrError {
    return new SpeakrError('unauthorized', detail, { hint: `Run \`speakr login --server ${server}\`.` });
  }
}

/** Ends a login at its issuer (RFC 7009), as far as that is possible. @returns whether the issuer knows */
export async function revoke({ issuer, clientId, refreshToken }: Credential, fetch: Fetch): Promise<boolean> {
  if (refreshToken === undefined) return false;
  try {
    const { revocation_endpoint } = await findIssuer(issuer, fetch);
    if (revocation_endpoint === undefined) return false;
    const response = await fetch(revocation_endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        token: refreshToken,
        token_type_hint: 'refresh_token',
        client_id: clientId,
      }),
    });
    return response.ok;
  } catch {
    return false;
  }
}
