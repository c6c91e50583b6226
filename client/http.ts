import {
  type CallOptions,
  type ClientRoute,
  clientRoutes,
  type SpeakrClient,
} from '@speakr/contracts/generated/client';
import { Problem, SpeakrError } from '@speakr/contracts/problem';
import { pause } from './pause.ts';
import { newTraceparent } from './traceparent.ts';
import { wholeDocument } from './whole-document.ts';

export interface HttpClientOptions {
  /** For example `http://127.0.0.1:4711`. */
  readonly baseUrl: string;
  /**
   * The bearer token, or what gives it. That is asked before each request, and once more with the token when the
   * server refused it.
   */
  readonly token: string | ((rejected?: string) => Promise<string>);
  /** The runtime's `fetch` unless given; an app in the same process has one of its own. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** How long a call waits by itself when the server asks for it, ms, and how often it tries. */
const LONGEST_WAIT_MS = 10_000;
const MOST_TRIES = 4;
/** Wait before what broke off is asked for again, ms; longer each time. */
const BROKEN_WAIT_MS = 250;
/** What Node says of a connection that ended before the answer; of a server that is not there it says something else. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

interface CallInput {
  readonly params?: Record<string, string | number>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  /** Bytes as they are, instead of JSON. */
  readonly content?: Uint8Array | ReadableStream<Uint8Array>;
  /** Of a document that broke off: where it goes on. */
  readonly fromByte?: number;
}

/** What is sent, the same at each try. */
interface SentInput extends CallInput {
  readonly onceKey?: string;
}

/**
 * The HTTP API as typed methods. They reject with SpeakrError: the server's problem, or `unreachable`; an aborted
 * call rejects with the signal's reason.
 */
export function createHttpClient({
  baseUrl,
  token,
  fetch = globalThis.fetch,
}: HttpClientOptions): SpeakrClient {
  const traceparent = newTraceparent();
  const tokenNow = async (rejected?: string) => (typeof token === 'string' ? token : token(rejected));

  /**
   * A server that is asked too much, or is still at it, says when to come again; that is done, where it is soon. What
   * broke off is asked for again where that cannot do anything twice.
   */
  async function sendPatiently(
    route: ClientRoute,
    given: CallInput,
    signal?: AbortSignal,
  ): Promise<Response> {
    const input = route.once ? { ...given, onceKey: globalThis.crypto.randomUUID() } : given;
    const mayRepeat = route.once || route.method === 'GET';
    for (let tries = 1; ; tries++) {
      try {
        const response = await send(route, input, signal);
        const waitMs = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
        const isEarly = response.status === 429 || (route.once && response.status === 409);
        if (!isEarly || !(waitMs <= LONGEST_WAIT_MS) || tries === MOST_TRIES) return response;
        await response.body?.cancel();
        await pause(waitMs, signal);
      } catch (error) {
        if (!mayRepeat || tries === MOST_TRIES || !isBroken(error)) throw error;
        await pause(BROKEN_WAIT_MS * tries, signal);
      }
    }
  }

  async function send(route: ClientRoute, input: SentInput, signal?: AbortSignal): Promise<Response> {
    const bearer = await tokenNow();
    const response = await sendAs(bearer, route, input, signal);
    if (response.status !== 401) return response;
    const other = await tokenNow(bearer);
    if (other === bearer) return response;
    await response.body?.cancel();
    return sendAs(other, route, input, signal);
  }

  async function sendAs(
    bearer: string,
    route: ClientRoute,
    input: SentInput,
    signal?: AbortSignal,
  ): Promise<Response> {
    const { body, content, onceKey, fromByte } = input;
    try {
      return await fetch(baseUrl + pathOf(route, input), {
        method: route.method,
        headers: {
          authorization: `Bearer ${bearer}`,
          traceparent,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(content === undefined ? {} : { 'content-type': 'application/octet-stream' }),
          ...(onceKey === undefined ? {} : { 'idempotency-key': onceKey }),
          ...(fromByte === undefined ? {} : { range: `bytes=${fromByte}-` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A stream is sent while the answer may come already, which must be said.
        ...(content === undefined
          ? {}
          : { body: content as NonNullable<RequestInit['body']>, duplex: 'half' }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      // It knows better why.
      if (cause instanceof SpeakrError) throw cause;
      throw new SpeakrError('unreachable', `No server answers at ${baseUrl}.`, { cause });
    }
  }

  const call = async (route: ClientRoute, input: CallInput = {}, options: CallOptions = {}) => {
    const response = await sendPatiently(route, input, options.signal);
    if (!response.ok) throw await errorOf(response);
    if (route.response === 'document')
      return wholeDocument(
        response,
        (fromByte) => sendPatiently(route, { ...input, fromByte }, options.signal),
        { signal: options.signal },
      );
    if (route.response === 'json') return response.json();
    await response.body?.cancel();
    return undefined;
  };

  const methods = Object.entries(clientRoutes).map(([name, route]) => [
    name,
    (input?: CallInput, options?: CallOptions) => call(route, input, options),
  ]);
  return Object.fromEntries(methods) as SpeakrClient;
}

function isBroken(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause)
    if (BROKEN.has((each as { code?: string }).code ?? '')) return true;
  return false;
}

function pathOf({ path }: ClientRoute, { params = {}, query = {} }: CallInput): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== undefined) search.append(name, String(one));
  return search.size === 0 ? filled : `${filled}?${search}`;
}

async function errorOf(response: Response): Promise<SpeakrError> {
  const problem = Problem.safeParse(await response.json().catch(() => undefined));
  if (problem.success) return SpeakrError.fromProblem(problem.data);
  return new SpeakrError('unavailable', `The server answered ${response.status} without a reason.`);
}
