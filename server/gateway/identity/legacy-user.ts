import type { FastifyRequest } from 'fastify';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';

/** What an id may look like: it goes into keys of storage and into logs. */
const USER_ID = /^[\w.@:+-]{1,200}$/;
/** One warning for so many requests. */
const WARN_EVERY = 1000;

/** Who a request says it is from, without any proof; `undefined` when it does not say. */
export type LegacyUser = (request: FastifyRequest) => string | undefined;

/**
 * For clients from before there was any authentication, behind a proxy that sets `X-User-ID` and lets nobody else do
 * so. Whoever reaches the server past that proxy can be anybody: it says so at the start, and again and again.
 */
export function createLegacyUser({ log, metrics }: { log: Log; metrics: Metrics }): LegacyUser {
  let requests = 0;
  log.warn(
    {},
    'LEGACY_USER_HEADER_ENABLED: X-User-ID is believed without proof; whoever reaches this server is anybody',
  );
  return (request) => {
    const given = request.headers['x-user-id'];
    if (typeof given !== 'string' || !USER_ID.test(given)) return undefined;
    metrics.count('speakr_deprecated_requests_total', { what: 'user-header', outcome: 'admitted' });
    if (requests++ % WARN_EVERY === 0) log.warn({ requests }, 'requests were let in by X-User-ID');
    return given;
  };
}
