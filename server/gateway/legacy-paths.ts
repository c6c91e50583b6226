import { SpeakrError } from '@speakr/contracts/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from '../observability/metrics.ts';

/** Paths from before the API had a version, and what they are counted as. What was below them is below `/v1`. */
const legacyPaths = { '/uploads/init': 'uploads', '/jobs': 'jobs', '/jobs/*': 'jobs' } as const;

/** Since when they are deprecated. */
const DEPRECATED_AT_MS = Date.UTC(2026, 10, 28);

export interface LegacyPathsOptions {
  /** When they end, ms since the Unix epoch; undefined: not decided. */
  readonly sunsetMs: number | undefined;
  readonly now: () => number;
  readonly metrics: Metrics;
}

/**
 * Sends older clients to the path of today: 301, or 308 where another method than GET must be kept; from the sunset on
 * 410. Says so in `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`.
 */
export function registerLegacyPaths(http: FastifyInstance, options: LegacyPathsOptions): void {
  const { sunsetMs, now, metrics } = options;
  for (const [path, what] of Object.entries(legacyPaths))
    http.all(
      path,
      {
        // Before the body is read: it is of no use here.
        onRequest: async (request, reply) => {
          const successor = `/v1${request.url}`;
          reply.header('deprecation', `@${DEPRECATED_AT_MS / 1000}`);
          if (sunsetMs !== undefined) reply.header('sunset', new Date(sunsetMs).toUTCString());
          const isOver = sunsetMs !== undefined && now() >= sunsetMs;
          metrics.count('speakr_deprecated_requests_total', {
            what,
            outcome: isOver ? 'gone' : 'redirected',
          });
          reply.header('link', `<${successor}>; rel="successor-version"`);
          if (isOver) throw new SpeakrError('gone', 'It is below /v1 now.');
          return redirect(request, reply, successor);
        },
      },
      () => undefined,
    );
}

function redirect({ method }: FastifyRequest, reply: FastifyReply, to: string): FastifyReply {
  return reply.redirect(to, method === 'GET' || method === 'HEAD' ? 301 : 308);
}
