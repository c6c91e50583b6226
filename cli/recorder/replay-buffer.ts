import type { LogChunk } from '../embedded.ts';
import { lengthOf } from './spool-track.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Unacknowledged audio that may wait in memory: 1 MiB, half a minute. */
const LIMIT_BYTES = 1024 * 1024;

/** Audio of a source that can wait but cannot go back, kept in memory until it is acknowledged. */
export interface ReplayBuffer {
  /** Samples that came out of the source so far. */
  readonly samples: number;
  /** Resolves when the source has ended; rejects with what stopped it. */
  readonly ended: Promise<void>;
  /** Everything from a sample on that has not been acknowledged; one reader at a time. */
  read(fromSample: number, signal: AbortSignal): AsyncGenerator<LogChunk>;
  /** Everything before this sample is safe elsewhere. */
  acknowledge(samples: number): void;
}

/** @param source contiguous chunks; it is read no faster than the reader and the acknowledgements allow */
export function createReplayBuffer(source: AsyncIterable<LogChunk>, limitBytes = LIMIT_BYTES): ReplayBuffer {
  const iterator = source[Symbol.asyncIterator]();
  const ending = Promise.withResolvers<void>();
  ending.promise.catch(() => undefined);
  let buffer: LogChunk[] = [];
  let bytes = 0;
  let samples = 0;
  let over = false;
  let pulling: Promise<void> | undefined;
  let acknowledged = Promise.withResolvers<void>();

  async function pull(): Promise<void> {
    try {
      const { value, done } = await iterator.next();
      if (done) {
        over = true;
        ending.resolve();
        return;
      }
      buffer.push(value);
      samples = value.offset + lengthOf(value);
      if ('pcm' in value) bytes += value.pcm.byteLength;
    } catch (error) {
      over = true;
      ending.reject(error);
    }
  }

  return {
    get samples() {
      return samples;
    },
    ended: ending.promise,
    async *read(fromSample, signal) {
      let at = fromSample;
      while (!signal.aborted) {
        const chunk = buffer.find((each) => at < each.offset + lengthOf(each));
        if (chunk !== undefined) {
          const skip = at - chunk.offset;
          at = chunk.offset + lengthOf(chunk);
          if (skip === 0) yield chunk;
          else if ('pcm' in chunk)
            yield { ...chunk, offset: chunk.offset + skip, pcm: chunk.pcm.subarray(skip * 2) };
          else yield { ...chunk, offset: chunk.offset + skip, gapSamples: chunk.gapSamples - skip };
        } else if (over) return;
        else if (bytes >= limitBytes) await unlessAborted(acknowledged.promise, signal);
        else {
          pulling ??= pull().finally(() => {
            pulling = undefined;
          });
          await unlessAborted(pulling, signal);
        }
      }
    },
    acknowledge(safe) {
      const kept = buffer.filter((chunk) => chunk.offset + lengthOf(chunk) > safe);
      if (kept.length === buffer.length) return;
      buffer = kept;
      bytes = kept.reduce((sum, chunk) => sum + ('pcm' in chunk ? chunk.pcm.byteLength : 0), 0);
      acknowledged.resolve();
      acknowledged = Promise.withResolvers<void>();
    },
  };
}
