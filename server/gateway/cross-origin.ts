import { SpeakrError } from '@speakr/contracts/problem';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** How long a browser remembers what it was allowed, seconds. */
const REMEMBER_S = 600;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS =
  'authorization, content-type, idempotency-key, if-match, if-none-match, range, x-request-id';
const ANSWER_HEADERS = 'allow, content-disposition, etag, location, retry-after, x-request-id';

export interface CrossOrigin {
  /**
   * Lets pages of allowed origins read answers, and answers their preflight requests. The API knows no cookies: a page
   * that is not allowed has no credentials to misuse, so its plain requests are only left without a permission to read.
   * @returns true when the request is answered
   * @throws SpeakrError `forbidden` for a preflight, or a live socket, of a page that is not allowed
   */
  check(request: FastifyRequest, reply: FastifyReply): boolean;
}

/** @param origins whose pages may use the API, as browsers send them: `https://console.example.org` */
export function crossOrigin(origins: readonly string[]): CrossOrigin {
  const allowed = new Set(origins);
  return {
    check(request, reply) {
      const { origin, host, upgrade } = request.headers;
      if (allowed.size > 0) reply.header('vary', 'origin');
      if (origin === undefined) return false;
      const isOwn = URL.parse(origin)?.host === host;
      const isAllowed = allowed.has(origin);
      const method = request.headers['access-control-request-method'];
      const isPreflight = request.method === 'OPTIONS' && method !== undefined;
      if (isAllowed)
        reply
          .header('access-control-allow-origin', origin)
          .header('access-control-expose-headers', ANSWER_HEADERS);
      // Browsers ask nobody before they open a socket.
      if (!isAllowed && !isOwn && (isPreflight || upgrade !== undefined))
        throw new SpeakrError('forbidden', 'Pages of this origin may not use this server.', {
          hint: 'Whoever runs the server can allow it.',
        });
      if (!isPreflight || !isAllowed) return false;
      reply
        .header('access-control-allow-methods', METHODS)
        .header('access-control-allow-headers', REQUEST_HEADERS)
        .header('access-control-max-age', REMEMBER_S)
        .code(204);
      return true;
    },
  };
}
