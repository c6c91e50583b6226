import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Instruments } from '../observability/instruments.ts';
import type { Log } from '../observability/log.ts';
import type { RunningSpan } from '../observability/tracing.ts';

/** Where a request is counted: never its path, which holds ids. */
const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';

/** Measures every request: as a span, in the metrics, and with a line of the log. */
export function observeRequests(http: FastifyInstance, { metrics, tracing }: Instruments, log: Log): void {
  const spans = new WeakMap<FastifyRequest, RunningSpan>();

  http.addHook('onRequest', (request, _reply, done) => {
    const { method } = request;
    const route = routeOf(request);
    const span = tracing.begin(`${method} ${route}`, {
      kind: 'server',
      parent: [request.headers.traceparent].flat()[0],
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'speakr.request': request.id,
      },
    });
    spans.set(request, span);
    span.run(done);
  });
  http.addHook('onResponse', (request, reply, done) => {
    const { method, id } = request;
    const route = routeOf(request);
    const { statusCode, elapsedTime } = reply;
    metrics.observe(
      'speakr_http_request_duration_seconds',
      { method, route, status: String(statusCode) },
      elapsedTime / 1000,
    );
    spans.get(request)?.end(statusCode >= 500 ? String(statusCode) : undefined);
    log.debug({ requestId: id, method, route, status: statusCode, ms: Math.round(elapsedTime) }, 'request');
    done();
  });
}
