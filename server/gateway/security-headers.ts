import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers are data: nothing in them is to be guessed at, run, framed or kept by a browser. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Two years, as browsers' preload lists ask for. */
const TRANSPORT = 'max-age=63072000; includeSubDomains';

export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(headers);
  // Whoever came over plain HTTP must not be told this, nor would a browser listen.
  if (request.protocol === 'https') reply.header('strict-transport-security', TRANSPORT);
}
