import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** `fetch` for an app that does not listen: the request goes straight to its handlers. */
export type Fetch = (input: Request | URL | string, init?: RequestInit) => Promise<Response>;

/** Statuses whose response must not have a body (Fetch standard). */
const withoutBody = new Set([204, 205, 304]);

export function inProcessFetch(http: FastifyInstance): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search, host } = new URL(request.url);
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    const response = await http.inject({
      method: request.method as 'GET',
      url: pathname + search,
      headers: { ...Object.fromEntries(request.headers), host },
      ...(body === undefined ? {} : { payload: body }),
      payloadAsStream: true,
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(response.headers))
      if (value !== undefined) headers.set(name, String(value));
    const stream = response.stream();
    if (withoutBody.has(response.statusCode)) {
      stream.resume();
      return new Response(null, { status: response.statusCode, headers });
    }
    const content = Readable.toWeb(stream) as ReadableStream<Uint8Array>;
    return new Response(content, { status: response.statusCode, headers });
  };
}
