import type { ConsumerMessages, StoredMsg } from '@nats-io/jetstream';
import { SpeakrError } from '@speakr/contracts/problem';
import type { JournalIdentity } from '../journal/format.ts';
import type { Nats } from '../nats/nats.ts';
import type { Log } from '../observability/log.ts';
import type { LogChunk } from './audio-log.ts';
import { chunkSamples, decodeGroup, placeOf } from './audio-message.ts';

export interface FollowOptions extends JournalIdentity {
  readonly nats: Pick<Nats, 'js' | 'jsm' | 'onReconnect'>;
  readonly stream: string;
  readonly subject: string;
  readonly fromSample: number;
  readonly signal: AbortSignal;
  /** Fires when the log is removed. */
  readonly removed: AbortSignal;
  readonly log: Log;
  /** Told the samples of the track that have been seen, before they are read. */
  onSeen(samples: number): void;
}

/** Messages read ahead: 16 s of audio. */
const AHEAD = 32;
const RETRY_MS = 250;

/** Reads a track from a sample on to its seal, over breaks of the connection. Chunks are contiguous. */
export async function* followTrack(options: FollowOptions): AsyncGenerator<LogChunk> {
  const { nats, stream, subject, fromSample, signal, removed, log, recordingId, track } = options;
  const stopped = AbortSignal.any([signal, removed]);
  let next = fromSample;

  const check = () => {
    signal.throwIfAborted();
    if (removed.aborted) throw new SpeakrError('not_found', 'The audio was removed.');
  };

  for (;;) {
    check();
    let messages: ConsumerMessages | undefined;
    let closed = false;
    const close = () => {
      closed = true;
      void messages?.close();
    };
    stopped.addEventListener('abort', close, { once: true });
    // A broker that was started again knows nothing of its readers, and the client may look for that after 45 s only.
    const stopWatching = nats.onReconnect(close);
    try {
      messages = await open(options, next);
      if (closed) close();
      check();
      for await (const message of messages) {
        check();
        const place = placeOf(message);
        options.onSeen(place.end);
        for (const chunk of chunksOf(options, message.data, place)) {
          const from = chunk.offset;
          const end = from + chunkSamples(chunk);
          if (end <= next) continue;
          if (from > next) {
            log.error({ recordingId, track, offset: next, samples: from - next }, 'logged audio is missing');
            yield { track, offset: next, gapSamples: from - next, reason: 'unknown' };
            next = from;
          }
          yield cut(chunk, next);
          next = end;
        }
        if (place.sealed) return;
      }
    } catch (error) {
      check();
      if (error instanceof SpeakrError) throw error;
      log.warn({ recordingId, track, error: (error as Error).name }, 'the audio log is away; trying again');
    } finally {
      stopped.removeEventListener('abort', close);
      stopWatching();
      // Not awaited: it ends only with a reader, and there is none any more.
      close();
    }
    check();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }

  async function open({ nats: { js } }: FollowOptions, sample: number): Promise<ConsumerMessages> {
    const seq = await findMessage(nats.jsm, stream, subject, sample);
    const consumer = await js.consumers.get(stream, {
      filter_subjects: [subject],
      ...(seq === undefined
        ? { deliver_policy: 'all' as const }
        : { deliver_policy: 'by_start_sequence' as const, opt_start_seq: seq }),
    });
    return consumer.consume({ max_messages: AHEAD });
  }
}

function chunksOf(
  { log, ...identity }: FollowOptions,
  data: Uint8Array,
  { offset, end, sealed }: ReturnType<typeof placeOf>,
): LogChunk[] {
  if (sealed) return [];
  try {
    return decodeGroup(identity, data);
  } catch {
    const { recordingId, track } = identity;
    log.error({ recordingId, track, offset, samples: end - offset }, 'logged audio is damaged');
    return [{ track, offset, gapSamples: end - offset, reason: 'unknown' }];
  }
}

function cut(chunk: LogChunk, from: number): LogChunk {
  const skip = from - chunk.offset;
  if (skip === 0) return chunk;
  return 'pcm' in chunk
    ? { ...chunk, offset: from, pcm: chunk.pcm.subarray(skip * 2) }
    : { ...chunk, offset: from, gapSamples: chunk.gapSamples - skip };
}

/**
 * The message that holds a sample, or the last one before it, by binary search over the sequence of the stream, which
 * other recordings share.
 * @returns undefined when there is none
 */
async function findMessage(
  jsm: Nats['jsm'],
  stream: string,
  subject: string,
  sample: number,
): Promise<number | undefined> {
  const at = (seq: number): Promise<StoredMsg | null> =>
    jsm.direct.getMessage(stream, { seq, next_by_subj: subject });
  const [first, last] = await Promise.all([at(1), jsm.direct.getMessage(stream, { last_by_subj: subject })]);
  if (first === null || last === null) return undefined;
  if (placeOf(last).offset <= sample) return last.seq;
  let low = first.seq;
  let high = last.seq;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const found = await at(middle);
    if (found === null || placeOf(found).offset > sample) high = middle - 1;
    else low = found.seq;
  }
  return low;
}
