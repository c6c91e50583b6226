import type { Readable } from 'node:stream';
import { SpeakrError } from '@speakr/contracts/problem';

/** Nothing of a body for so long ends the request, ms. */
const SILENT_MS = 30_000;
/** Who is refused in the middle of a body may send on for so long, to hear why, ms. */
const DEAF_MS = 5000;

/**
 * A body as it comes: what stands still, or breaks off, ends with an error of ours. What is not wanted any more is read
 * and forgotten for a while: the answer would not reach a client whose connection is reset while it sends.
 */
export async function* arriving(body: Readable, silentMs = SILENT_MS): AsyncGenerator<Uint8Array> {
  const iterator = body.iterator({ destroyOnReturn: false });
  let isOver = false;
  try {
    for (;;) {
      const next = await within(silentMs, iterator.next());
      if (next.done) {
        isOver = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!isOver) {
      // Not waited for: it waits for a chunk that may never come.
      void iterator.return?.().catch(() => {});
      forget(body);
    }
  }
}

async function within<T>(silentMs: number, next: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SpeakrError('request_timeout')), silentMs);
  });
  const arrived = next.catch((cause: unknown) => {
    throw new SpeakrError('interrupted', 'The body broke off.', { cause });
  });
  try {
    return await Promise.race([arrived, silent]);
  } finally {
    clearTimeout(timer);
  }
}

function forget(body: Readable): void {
  if (body.destroyed || body.readableEnded) return;
  const timer = setTimeout(() => body.destroy(), DEAF_MS).unref();
  body.once('close', () => clearTimeout(timer));
  body.on('error', () => {});
  body.on('data', () => {});
  body.resume();
}
