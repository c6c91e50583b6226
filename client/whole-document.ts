import { SpeakrError } from '@speakr/contracts/problem';
import { pause } from './pause.ts';

/** How often it is asked for the rest without getting a byte of it, and the first wait before, ms; doubled each time. */
const MOST_TRIES = 5;
const FIRST_WAIT_MS = 250;

/**
 * A document whose body goes on by itself where the connection breaks off, if it is one that can be had in parts and
 * whose length is known. The body fails with SpeakrError `unreachable` when the rest cannot be had, `conflict` when it is
 * another document by then.
 * @param ask for the rest from a byte on
 */
export function wholeDocument(
  response: Response,
  ask: (fromByte: number) => Promise<Response>,
  { signal, firstWaitMs = FIRST_WAIT_MS }: { signal?: AbortSignal | undefined; firstWaitMs?: number } = {},
): Response {
  const { headers, body } = response;
  const bytes = Number(headers.get('content-length') ?? 0);
  const hasParts = headers.get('accept-ranges') === 'bytes' && !headers.has('content-encoding');
  if (body === null || !hasParts || !(bytes > 0)) return response;
  let reader = body.getReader();
  let position = 0;
  let tries = 0;

  /** @returns undefined at the end */
  async function next(): Promise<Uint8Array | undefined> {
    const { value } = await reader.read();
    if (value === undefined && position < bytes)
      throw new Error(`it ended after ${position} of ${bytes} bytes`);
    return value;
  }

  /** Has the reader go on at `position`; when nobody answers, the next read fails again. */
  async function goOn(): Promise<void> {
    const rest = await ask(position);
    const isRest = rest.headers.get('content-range') === `bytes ${position}-${bytes - 1}/${bytes}`;
    if (rest.status === 206 && isRest && rest.body !== null) reader = rest.body.getReader();
    else {
      await rest.body?.cancel();
      if (rest.status < 500) throw new SpeakrError('conflict', 'It changed while it was downloaded.');
    }
  }

  const whole = new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        try {
          const chunk = await next();
          if (chunk === undefined) return controller.close();
          position += chunk.byteLength;
          tries = 0;
          return controller.enqueue(chunk);
        } catch (cause) {
          signal?.throwIfAborted();
          if (tries === MOST_TRIES)
            throw new SpeakrError('unreachable', 'The download broke off.', { cause });
          await pause(firstWaitMs * 2 ** tries, signal);
          tries += 1;
          await goOn().catch((error: unknown) => {
            if (!(error instanceof SpeakrError) || error.code !== 'unreachable') throw error;
          });
        }
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(whole, { status: response.status, headers });
}
