import { Readable } from 'node:stream';
import { keepsReply, type Route, type RouteName, routes, scopeOf } from '@speakr/contracts/api';
import type { Identity } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { demandRole, demandScope } from './access.ts';
import { type NoteAccess, readAgain } from './access-log.ts';
import { arriving } from './arriving.ts';
import { firstBytes, rangeOf } from './byte-range.ts';
import { deprecationHeaders } from './deprecation.ts';
import type { Document, Handlers, Input } from './handler.ts';
import { doOnce, fingerprintOf, idempotencyKey } from './idempotency.ts';
import { parsedRequest } from './parsed-request.ts';
import { versions } from './versions.ts';

/** Path of a route in Fastify's words: `/v1/recordings/:recording`. */
const fastifyPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** Registers every route of the contract with its handler. */
export function registerApiRoutes(
  app: FastifyInstance,
  handlers: Handlers,
  store: Store,
  identityOf: (request: FastifyRequest) => Identity,
  noteAccess: NoteAccess,
  log: Log,
  contract: Readonly<Record<string, Route>> = routes,
): void {
  const all = Object.entries(contract) as [RouteName, Route][];
  const isContent = ([, { content }]: [RouteName, Route]) => content !== undefined;
  register(
    app,
    all.filter((each) => !isContent(each)),
  );
  app.register(async (scope) => {
    // Handed on unread: nothing of a file is ever held whole.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    register(scope, all.filter(isContent));
  });

  function register(scope: FastifyInstance, some: readonly [RouteName, Route][]): void {
    for (const [name, route] of some) registerRoute(scope, name, route);
  }

  function registerRoute(into: FastifyInstance, name: RouteName, route: Route): void {
    const handle = handlers[name] as (input: Input<RouteName>) => Promise<unknown>;
    const scope = scopeOf(route);
    into.route({
      method: route.method,
      url: fastifyPath(route.path),
      ...(route.bodyBytes === undefined ? {} : { bodyLimit: route.bodyBytes }),
      // Counted as it comes, with the limit of whoever takes it.
      ...(route.content === undefined ? {} : { bodyLimit: Number.MAX_SAFE_INTEGER }),
      async handler(request, reply) {
        reply.headers(deprecationHeaders(route));
        const identity = identityOf(request);
        if (request.headers['if-match'] !== undefined && route.method !== 'GET' && !route.versioned)
          throw new SpeakrError('precondition_failed', 'There are no versions here.', {
            hint: 'Send the request without If-Match.',
          });
        if (route.role !== undefined) demandRole(identity, route.role);
        if (scope !== 'any') demandScope(identity, scope);
        const answer = () =>
          handle({
            owner: identity.user,
            identity,
            ifMatch: request.headers['if-match'],
            ...parsedRequest(route, request),
            content: route.content === undefined ? undefined : arriving(bodyOf(request)),
            // Few ask for it.
            get signal() {
              return goneSignal(reply);
            },
          } as Input<RouteName>);
        const key = idempotencyKey(request.headers['idempotency-key']);
        if (key !== undefined && route.isSecret)
          throw new SpeakrError('invalid_request', 'What is told once has no Idempotency-Key.');
        if (key !== undefined && keepsReply(route)) {
          const fingerprint = fingerprintOf(route.method, request.url, request.body);
          const { status, body, isReplayed } = await doOnce(
            store,
            { owner: identity.user, key, fingerprint },
            async () => ({ status: route.status, body: JSON.stringify(await answer()) }),
          );
          if (isReplayed) {
            await noteAccess(readAgain(name, identity.user, body));
            reply.header('idempotency-replayed', 'true');
          }
          return reply.code(status).type('application/json').send(body);
        }
        const result = await answer();
        reply.code(route.status);
        if (route.response === null) return reply.send();
        if (name in versions)
          reply.header(
            'etag',
            (versions[name as keyof typeof versions] as (answer: unknown) => string)(result),
          );
        if ('parse' in route.response) return reply.type('application/json').send(JSON.stringify(result));
        return sendDocument(request, reply, result as Document, log);
      },
    });
  }
}

/** The stream that the parser handed on; nothing where no body was sent. */
const bodyOf = ({ body }: FastifyRequest): Readable => (body as Readable | undefined) ?? Readable.from([]);

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const abort = () => {
    if (!reply.raw.writableFinished) gone.abort();
  };
  if (reply.raw.closed) abort();
  else reply.raw.once('close', abort);
  return gone.signal;
}

function sendDocument(
  request: FastifyRequest,
  reply: FastifyReply,
  { type, content, bytes, filename }: Document,
  log: Log,
): FastifyReply {
  reply.type(type.startsWith('text/') ? `${type}; charset=utf-8` : type);
  if (bytes !== undefined) reply.header('content-length', bytes);
  if (filename !== undefined) reply.header('content-disposition', `attachment; filename="${filename}"`);
  if (typeof content === 'string') return reply.send(content);
  const stream = typeof content === 'function' ? partOf(request, reply, content, bytes ?? 0) : content;
  // The head is on its way when it breaks off: all that a client sees of it is a connection that ends.
  stream.once('error', (error) => {
    if (!reply.raw.destroyed) log.error({ requestId: request.id, error }, 'an answer broke off');
  });
  return reply.send(stream);
}

/** What of a document was asked for. Nobody can say yet that it changed since, so `If-Range` gets all of it. */
function partOf(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  open: (fromByte: number) => Readable,
  bytes: number,
): Readable {
  reply.header('accept-ranges', 'bytes');
  const range = headers['if-range'] === undefined ? rangeOf(headers.range, bytes) : undefined;
  if (range === undefined) return open(0);
  const { start, end } = range;
  reply
    .code(206)
    .headers({ 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${bytes}` });
  return end === bytes
    ? open(start)
    : Readable.from(firstBytes(open(start), end - start), { objectMode: false });
}

const patterns = Object.values<Route>(routes).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
}));

/** Methods that a path answers to; none for a path that is not there. */
export const methodsOf = (path: string): string[] =>
  patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
