import { SpeakrError } from '@speakr/contracts/problem';
import type { JournalIdentity } from '../journal/format.ts';
import { askBroker } from '../nats/ask-broker.ts';
import { apiCode, type Nats, WRONG_LAST_SEQUENCE } from '../nats/nats.ts';
import type { Publication, StreamPublisher } from '../nats/stream-publisher.ts';
import type { Log } from '../observability/log.ts';
import type { LogChunk } from './audio-log.ts';
import { chunkSamples, encodeGroup, placeOf, sealHeaders, takeGroup } from './audio-message.ts';

/** Audio of a track that may wait for the broker before whoever sends it must wait too: 16 s. */
const MAX_WAITING_SAMPLES = 16 * 16_000;
/** Waits after failures, ms. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

let turn: Promise<void> | undefined;
/** What many tracks have got by the end of a turn of the event loop goes to the broker in one write to its socket. */
function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}

export interface TrackWriterOptions extends JournalIdentity {
  readonly nats: Pick<Nats, 'jsm'>;
  readonly publisher: StreamPublisher;
  readonly stream: string;
  readonly subject: string;
  /** Tells this log from an earlier one of the same recording. */
  readonly logId: string;
  readonly log: Log;
  onDurable(samples: number): void;
}

/** Writes one track. Its order is the broker's to keep: a message is taken only after the one it follows. */
export interface TrackWriter {
  /** Samples that are durable. */
  readonly durable: number;
  /** @throws SpeakrError `stream_out_of_order` */
  append(chunk: LogChunk): Promise<void>;
  /** Writes what waits, then the end. Idempotent. @returns samples of the track */
  seal(): Promise<number>;
  /** Waits for what is under way, at most `graceMs`, and stops. */
  close(graceMs: number): Promise<void>;
}

export async function openTrackWriter(options: TrackWriterOptions): Promise<TrackWriter> {
  const { nats, publisher, stream, subject, logId, track, recordingId, log, onDurable } = options;
  const { jsm } = nats;
  /** The newest message of the track: its place in the stream, and the samples up to its end. */
  let last = { seq: 0, end: 0, sealed: false };
  let waiting: LogChunk[] = [];
  let waitingSamples = 0;
  let appended = 0;
  let closed = false;
  let failure: SpeakrError | undefined;
  let writing: Promise<void> | undefined;
  const sleepers = new Set<() => void>();
  const roomWanted = new Set<() => void>();

  const load = async () => {
    const stored = await askBroker(jsm.direct.getMessage(stream, { last_by_subj: subject }));
    const before = last.end;
    last = stored === null ? { seq: 0, end: 0, sealed: false } : { seq: stored.seq, ...placeOf(stored) };
    if (last.end < before) throw new SpeakrError('not_found', 'The audio was removed.');
    appended = Math.max(appended, last.end);
    if (last.end > before) onDurable(last.end);
  };

  /** Drops what is stored from the front of what waits. */
  const dropStored = () => {
    waiting = waiting.flatMap((chunk) => {
      const stored = last.end - chunk.offset;
      if (stored <= 0) return [chunk];
      if (stored >= chunkSamples(chunk)) return [];
      return [withoutFront(chunk, stored)];
    });
    waitingSamples = waiting.reduce((sum, chunk) => sum + chunkSamples(chunk), 0);
    for (const resolve of roomWanted) resolve();
    roomWanted.clear();
  };

  const sleep = (ms: number) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      sleepers.add(wake);
    });

  /**
   * Publishes until the broker has it, or somebody else was faster.
   * @returns whether the track now ends with this message
   */
  async function publish(
    message: Pick<Publication, 'data' | 'headers' | 'name'>,
    end: number,
  ): Promise<boolean> {
    for (let failures = 0; !closed; ) {
      try {
        const seq = await publisher.publish({ ...message, subject, after: last.seq });
        last = { seq, end, sealed: false };
        return true;
      } catch (error) {
        if (WRONG_LAST_SEQUENCE.has(apiCode(error) ?? 0)) {
          await load();
          return false;
        }
        failures += 1;
        // The first failure is only news when the next try fails too.
        if (failures === 2)
          log.warn({ recordingId, track, error: (error as Error).name }, 'audio waits for the broker');
        await sleep(Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2));
      }
    }
    return false;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0 && !closed) {
      await endOfTurn();
      if (last.sealed) throw new SpeakrError('stream_out_of_order', 'The recording is complete.');
      const group = takeGroup(waiting);
      const name = `${logId}/${track}/${group.offset}-${group.end}`;
      if (await publish({ ...encodeGroup(options, group), name }, group.end)) onDurable(group.end);
      dropStored();
    }
  }

  function write(): void {
    writing ??= writeAll()
      .catch((error: unknown) => {
        failure =
          error instanceof SpeakrError ? error : new SpeakrError('unavailable', undefined, { cause: error });
        waiting = [];
        dropStored();
      })
      .finally(() => {
        writing = undefined;
        if (waiting.length > 0 && !closed) write();
      });
  }

  const idle = async () => {
    while (writing !== undefined) await writing;
  };

  await load();

  return {
    get durable() {
      return last.end;
    },

    async append(chunk) {
      if (failure !== undefined) {
        const error = failure;
        // What was lost of the queue comes again: the client goes on where the log ends.
        failure = undefined;
        appended = last.end;
        throw error;
      }
      const known = appended - chunk.offset;
      if (known < 0) throw new SpeakrError('stream_out_of_order', `Track ${track} goes on at ${appended}.`);
      if (known >= chunkSamples(chunk)) return;
      if (last.sealed) throw new SpeakrError('stream_out_of_order', 'The recording is complete.');
      const fresh = withoutFront(chunk, known);
      waiting.push(fresh);
      appended += chunkSamples(fresh);
      waitingSamples += chunkSamples(fresh);
      write();
      while (waitingSamples > MAX_WAITING_SAMPLES && !closed)
        await new Promise<void>((resolve) => roomWanted.add(resolve));
    },

    async seal() {
      await idle();
      if (failure !== undefined) throw failure;
      while (!last.sealed && !closed) {
        const { end } = last;
        const name = `${logId}/${track}/seal-${end}`;
        if (await publish({ data: new Uint8Array(0), headers: sealHeaders(end), name }, end))
          last = { ...last, sealed: true };
      }
      return last.end;
    },

    async close(graceMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([idle(), late]);
      clearTimeout(timer);
      closed = true;
      for (const wake of sleepers) wake();
      for (const resolve of roomWanted) resolve();
    },
  };
}

function withoutFront(chunk: LogChunk, samples: number): LogChunk {
  if (samples === 0) return chunk;
  const offset = chunk.offset + samples;
  return 'pcm' in chunk
    ? { ...chunk, offset, pcm: chunk.pcm.subarray(samples * 2) }
    : { ...chunk, offset, gapSamples: chunk.gapSamples - samples };
}
