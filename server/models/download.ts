import { open, rm, stat } from 'node:fs/promises';

export interface DownloadOptions {
  readonly fetch: typeof fetch;
  /** How long the server may take to answer, in ms. */
  readonly connectTimeoutMs: number;
  /** How long it may pause within the body, in ms. */
  readonly stallTimeoutMs: number;
  readonly signal?: AbortSignal;
  /** Bytes on disk so far, those of an earlier attempt included. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Downloads a URL into `path`, going on where an earlier attempt left off (HTTP Range).
 * Whether the bytes are the right ones is for the caller to check.
 * @throws Error with a message for people; file system errors keep their `code`
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<void> {
  const offset = await sizeOf(path);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([stop.signal, options.signal]) : stop.signal;
  let timer = stopAfter(stop, options.connectTimeoutMs, 'no answer');
  try {
    const response = await options.fetch(url, {
      signal,
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
    });
    if (response.status === 416) {
      // What is there is as long as the file or longer, so it belongs to something else.
      await response.body?.cancel();
      await rm(path, { force: true });
      if (offset === 0) throw new Error('HTTP 416');
      return await download(url, path, options);
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status}`);
    }
    const resumes = response.headers.get('content-range')?.startsWith(`bytes ${offset}-`) ?? false;
    const file = await open(path, response.status === 206 && resumes ? 'a' : 'w');
    try {
      let bytes = response.status === 206 && resumes ? offset : 0;
      for await (const chunk of response.body) {
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
    throw explain(error);
  } finally {
    clearTimeout(timer);
  }
}

function stopAfter(stop: AbortController, ms: number, what: string): NodeJS.Timeout {
  return setTimeout(() => stop.abort(new Error(`${what} within ${Math.round(ms / 1000)} s`)), ms);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** `fetch` says only "fetch failed"; the reason is in its cause. */
function explain(error: unknown): unknown {
  const cause = error instanceof TypeError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  if (cause === undefined) return error;
  return new Error(cause.message || cause.code || 'connection failed', { cause: error });
}
