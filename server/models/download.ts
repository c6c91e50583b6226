import { open, rm, stat } from 'node:fs/promises';
import type { Dispatcher } from 'undici';

export interface DownloadOptions {
  /** How long the server may take to answer, in ms. */
  readonly connectTimeoutMs: number;
  /** How long it may pause within the body, in ms. */
  readonly stallTimeoutMs: number;
  readonly signal?: AbortSignal;
  /** Bytes on disk so far, those of an earlier attempt included. */
  readonly onBytes?: (bytes: number) => void;
}

/** How often a connection that breaks in mid-file is made anew, as long as each brought something. */
const MOST_CONNECTIONS = 20;
const MOST_REDIRECTIONS = 5;

/**
 * Downloads a URL into `path`, going on where an earlier attempt left off (HTTP Range), also when the connection breaks.
 * Goes through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name. Whether the bytes are the right ones is
 * for the caller to check.
 * @throws Error with a message for people; file system errors keep their `code`
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  // Not Node's own fetch: it goes through no proxy, and with an older Node 24 the process dies of an assertion when the
  // other side closes while nobody reads (nodejs/undici#5360). Loaded here, since few commands download.
  const { EnvHttpProxyAgent, interceptors } = await import('undici');
  const agent = new EnvHttpProxyAgent();
  const dispatcher = agent.compose(interceptors.redirect({ maxRedirections: MOST_REDIRECTIONS }));
  try {
    for (let connection = 1; ; connection++) {
      const before = await sizeOf(path);
      try {
        return await receive(url, path, dispatcher, options);
      } catch (error) {
        const broughtSome = error instanceof ConnectionBroke && (await sizeOf(path)) > before;
        if (!broughtSome || connection === MOST_CONNECTIONS) throw error;
      }
    }
  } finally {
    await agent.destroy();
  }
}

class ConnectionBroke extends Error {}

async function receive(
  url: string,
  path: string,
  dispatcher: Dispatcher,
  options: DownloadOptions,
): Promise<void> {
  const { request } = await import('undici');
  const offset = await sizeOf(path);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([stop.signal, options.signal]) : stop.signal;
  let timer = stopAfter(stop, options.connectTimeoutMs, 'no answer');
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher,
      signal,
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    });
    if (statusCode === 416) {
      // What is there is as long as the file or longer, so it belongs to something else.
      await body.dump();
      await rm(path, { force: true });
      if (offset === 0) throw new Error('HTTP 416');
      return await receive(url, path, dispatcher, options);
    }
    if (statusCode !== 200 && statusCode !== 206) {
      await body.dump();
      throw new Error(`HTTP ${statusCode}`);
    }
    const resumes = statusCode === 206 && `${headers['content-range']}`.startsWith(`bytes ${offset}-`);
    const file = await open(path, resumes ? 'a' : 'w');
    try {
      let bytes = resumes ? offset : 0;
      for await (const chunk of untilItBreaks(body)) {
        clearTimeout(timer);
        await file.writeFile(chunk);
        bytes += chunk.length;
        options.onBytes?.(bytes);
        timer = stopAfter(stop, options.stallTimeoutMs, 'stalled');
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (stop.signal.aborted) throw stop.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Tells what the network does from what the disk does. */
async function* untilItBreaks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConnectionBroke(`the connection broke in the middle of the file (${why})`, { cause });
  }
}

function stopAfter(stop: AbortController, ms: number, what: string): NodeJS.Timeout {
  return setTimeout(() => stop.abort(new Error(`${what} within ${Math.round(ms / 1000)} s`)), ms);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
