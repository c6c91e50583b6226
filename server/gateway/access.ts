import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { SpeakrError } from '@speakr/contracts/problem';
import type { FastifyRequest } from 'fastify';

/** Subprotocols of the live socket: its name, and the token where a client cannot set headers (browsers). */
export const STREAM_SUBPROTOCOL = 'speakr.v1';
const TOKEN_SUBPROTOCOL = 'speakr.token.';

/** Tells the owner of a bearer token, undefined when it is not valid. */
export type Authenticate = (token: string) => string | undefined;

/** One token, one owner. Compares in constant time. */
export function singleToken(token: string, owner: string): Authenticate {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (given) => (timingSafeEqual(digest(given), expected) ? owner : undefined);
}

/** @throws SpeakrError `unauthorized` */
export function authenticateRequest(request: FastifyRequest, authenticate: Authenticate): string {
  const bearer = /^Bearer ([\w~+/.=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  const token =
    bearer ?? offered?.find((name) => name.startsWith(TOKEN_SUBPROTOCOL))?.slice(TOKEN_SUBPROTOCOL.length);
  const owner = token === undefined ? undefined : authenticate(token);
  if (owner === undefined) throw new SpeakrError('unauthorized');
  return owner;
}

const hostname = (host: string) =>
  host
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();

function isLoopback(host: string): boolean {
  const name = hostname(host);
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/**
 * Keeps web pages out: a page may reach a loopback port under a name of its own (DNS rebinding) or from its own origin.
 * @throws SpeakrError `forbidden`
 */
export function checkHostAndOrigin(request: FastifyRequest): void {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopback(host))
    throw new SpeakrError('forbidden', 'This server answers on the loopback interface only.');
  if (origin !== undefined && URL.parse(origin)?.host !== host)
    throw new SpeakrError('forbidden', 'Other web pages may not use this server.');
}
