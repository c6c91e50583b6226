import { Readable } from 'node:stream';
import { type Route, type RouteName, routes, scopeOf } from '@speakr/contracts/api';
import type { CallOptions, SpeakrClient } from '@speakr/contracts/generated/client';
import type { Identity } from '@speakr/contracts/identity';
import { demandRole, demandScope } from './access.ts';
import type { Document, Handlers, Input } from './handler.ts';
import { parsedRequest } from './parsed-request.ts';

interface CallInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly content?: Uint8Array | ReadableStream<Uint8Array>;
}

/**
 * The API for one caller in the same process, without HTTP between: the same checks, handlers and expected errors, and none
 * of what a server must load to listen. A bug is thrown as it is: nobody is in between from whom to hide its stack.
 */
export function directClient(handlers: Handlers, identity: Identity): SpeakrClient {
  async function call(name: RouteName, route: Route, input: CallInput, { signal }: CallOptions) {
    signal?.throwIfAborted();
    if (route.role !== undefined) demandRole(identity, route.role);
    const scope = scopeOf(route);
    if (scope !== 'any') demandScope(identity, scope);
    const handle = handlers[name] as (input: Input<RouteName>) => Promise<unknown>;
    const result = await handle({
      owner: identity.user,
      identity,
      ifMatch: undefined,
      ...parsedRequest(route, {
        params: inUrl(input.params),
        query: inUrl(input.query),
        body: wire(input.body),
      }),
      content: route.content === undefined ? undefined : bytesOf(input.content),
      signal: signal ?? new AbortController().signal,
    } as Input<RouteName>);
    signal?.throwIfAborted();
    if (route.response === null) return undefined;
    return 'parse' in route.response ? wire(result) : responseOf(result as Document);
  }

  const methods = (Object.entries(routes) as [RouteName, Route][]).map(([name, route]) => [
    name,
    (input: CallInput = {}, options: CallOptions = {}) =>
      call(name, route, input, options).catch((error: unknown) => {
        options.signal?.throwIfAborted();
        throw error;
      }),
  ]);
  return Object.fromEntries(methods) as SpeakrClient;
}

/** As the other side of a connection would have it. */
const wire = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/** A URL holds text; what is given once is no list. */
function inUrl(values: CallInput['query'] = {}): Record<string, string | string[]> {
  const texts: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(values)) {
    const [first, ...more] = [value].flat().flatMap((each) => (each === undefined ? [] : [String(each)]));
    if (first !== undefined) texts[name] = more.length === 0 ? first : [first, ...more];
  }
  return texts;
}

function bytesOf(content: CallInput['content']): AsyncIterable<Uint8Array> {
  if (content === undefined) return Readable.from([]);
  return content instanceof Uint8Array ? Readable.from([content]) : Readable.fromWeb(content as never);
}

function responseOf({ type, content, bytes, filename }: Document): Response {
  const headers = {
    'content-type': type,
    ...(bytes === undefined ? {} : { 'content-length': String(bytes) }),
    ...(filename === undefined ? {} : { 'content-disposition': `attachment; filename="${filename}"` }),
  };
  if (typeof content === 'string') return new Response(content, { headers });
  const stream = typeof content === 'function' ? content(0) : content;
  return new Response(Readable.toWeb(stream) as ReadableStream, { headers });
}
