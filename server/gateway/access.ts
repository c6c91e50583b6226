import { isIP } from 'node:net';
import type { Identity, Role, Scope } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import type { FastifyRequest } from 'fastify';
import type { Authenticate } from './identity/authenticate.ts';

/** Subprotocols of the live socket: its name, and the token where a client cannot set headers (browsers). */
export const STREAM_SUBPROTOCOL = 'speakr.v1';
const TOKEN_SUBPROTOCOL = 'speakr.token.';

/** @throws SpeakrError `unauthorized`, `unavailable` */
export async function authenticateRequest(
  request: FastifyRequest,
  authenticate: Authenticate,
): Promise<Identity> {
  const bearer = /^Bearer ([\w~+/.=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  const token =
    bearer ?? offered?.find((name) => name.startsWith(TOKEN_SUBPROTOCOL))?.slice(TOKEN_SUBPROTOCOL.length);
  const identity = token === undefined ? undefined : await authenticate(token);
  if (identity === undefined) throw new SpeakrError('unauthorized');
  return identity;
}

/** To be asked before anything is looked up, so that the answer tells nothing of what is there. @throws SpeakrError `forbidden` */
export function demandScope({ scopes }: Identity, scope: Scope): void {
  if (scopes.includes(scope)) return;
  throw new SpeakrError('forbidden', `This key or token does not have the scope ${scope}.`, {
    hint: 'Use one that has it, or `speakr login`.',
  });
}

/** As `demandScope`. @throws SpeakrError `forbidden` */
export function demandRole({ roles = [] }: Identity, role: Role): void {
  if (roles.includes(role)) return;
  throw new SpeakrError('forbidden', `Only who has the role ${role} may do that.`, {
    hint: 'Whoever runs the server can give it to you (docs/admin.md).',
  });
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
 * @param allowed origins whose pages may come all the same
 * @throws SpeakrError `forbidden`
 */
export function checkHostAndOrigin(request: FastifyRequest, allowed: readonly string[] = []): void {
  const { host, origin } = request.headers;
  if (host === undefined || !isLoopback(host))
    throw new SpeakrError('forbidden', 'This server answers on the loopback interface only.');
  if (origin !== undefined && URL.parse(origin)?.host !== host && !allowed.includes(origin))
    throw new SpeakrError('forbidden', 'Other web pages may not use this server.');
}
