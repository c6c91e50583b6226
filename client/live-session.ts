import { encodeChunk } from '@speakr/contracts/chunk';
import type { Notes } from '@speakr/contracts/notes';
import { Problem, SpeakrError } from '@speakr/contracts/problem';
import {
  type AudioChunk,
  type ClientMessage,
  MAX_CHUNK_SAMPLES,
  MAX_MESSAGE_BYTES,
  type ServerMessage,
} from '@speakr/contracts/stream';
import { createBackoff } from './backoff.ts';
import { newTraceparent } from './traceparent.ts';

type StartMessage = Extract<ClientMessage, { type: 'start' }>;
type FinishMessage = Extract<ClientMessage, { type: 'finish' }>;
type Finished = Extract<ServerMessage, { type: 'finished' }>;
type Aside = Extract<ClientMessage, { type: 'mark' | 'note' | 'pause' | 'resume' }>;
type GapReason = Extract<ClientMessage, { type: 'gap' }>['reason'];

/** Audio of a track, or a stretch of which nothing was captured. */
export type SourceChunk =
  | AudioChunk
  | {
      readonly track: number;
      readonly offset: number;
      readonly gapSamples: number;
      readonly reason: GapReason;
    };

/** A WebSocket as far as a session needs it: the standard one, or that of the `ws` package. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}

export interface LiveSessionOptions {
  /**
   * Opens a connection to `/ws/transcribe`, with the token. Called for every connection: address and token may have
   * changed since the last one.
   */
  connect(): Promise<SocketLike> | SocketLike;
  readonly start: StartMessage;
  /** Audio of a track from a sample on, contiguous; waits for more until the track has ended. */
  read(track: number, fromSample: number, signal: AbortSignal): AsyncIterable<SourceChunk>;
  onMessage(message: ServerMessage): void;
  onConnection(state: 'connecting' | 'connected' | 'lost', cause?: SpeakrError): void;
  /** Gets notes that are too long for a message (`notes_ready`); they are then given to `onMessage` as `notes`. */
  fetchNotes?(recordingId: string): Promise<Notes>;
  /** How long a server that owes an answer may be silent, ms; it is then taken for gone. */
  readonly silenceMs?: number;
  /** Waits between attempts; tests make it short. */
  readonly backoff?: { readonly firstMs: number; readonly mostMs: number };
}

/** A recording on its way to the server, over as many connections as it takes. */
export interface LiveSession {
  /** Said once, and again on later connections: the server knows what it has already. */
  say(message: Aside): void;
  /** No more audio will come. */
  finish(claims: Omit<FinishMessage, 'type'>): void;
  /**
   * Discards the recording on the server, after all audio that was read: so that it can be restored. Without a
   * connection nothing is said. Never rejects.
   */
  cancel(): Promise<void>;
  /** Leaves without a word: the server keeps what it has. */
  abandon(): void;
  /** Resolves with `finished`. @throws SpeakrError what no new connection can mend, or the last failure after `abandon` */
  readonly done: Promise<Finished>;
}

/** Bytes that may wait in the socket; more is left in the source until the network has caught up. */
const BUFFERED_BYTES = 256 * 1024;
const BUFFER_POLL_MS = 20;
/** A server that says nothing for so long after connecting is not there. */
const READY_MS = 15_000;
/** A server says something at least every five seconds; one that is silent for so long is not there any more. */
const SILENCE_MS = 20_000;
/** After `cancel` nobody wants to wait long. */
const CANCEL_MS = 10_000;

/** Begins to upload, connects by itself, and goes on at `resumeFrom` after every break. */
export function startLiveSession(options: LiveSessionOptions): LiveSession {
  const { onMessage, onConnection } = options;
  // One trace over all connections.
  const start = { traceparent: newTraceparent(), ...options.start };
  const leaving = new AbortController();
  const backoff = createBackoff(options.backoff ?? { firstMs: 250, mostMs: 10_000 });
  const asides: Aside[] = [];
  let claims: Omit<FinishMessage, 'type'> | undefined;
  let cancelling = false;
  let connection: ReturnType<typeof openConnection> | undefined;
  let lastFailure: SpeakrError | undefined;
  let wasReady = false;

  const done = run();
  // Whoever only cancels or abandons does not look at it.
  done.catch(() => {});

  async function run(): Promise<Finished> {
    for (;;) {
      if (leaving.signal.aborted) throw lastFailure ?? new SpeakrError('interrupted');
      onConnection('connecting');
      wasReady = false;
      try {
        return await oneConnection();
      } catch (error) {
        lastFailure =
          error instanceof SpeakrError ? error : new SpeakrError('unreachable', undefined, { cause: error });
        onConnection('lost', lastFailure);
        // A key or token that ends in mid-recording may have a successor: `connect` gets it, or says that there is none.
        const isOver = lastFailure.code !== 'unauthorized' || !wasReady;
        // Another connection of this recording has taken over, or the server refuses for good.
        if ((isOver && !lastFailure.definition.retryable) || cancelling) throw lastFailure;
      }
      await backoff.wait(leaving.signal, lastFailure.retryAfterMs);
    }
  }

  async function oneConnection(): Promise<Finished> {
    const socket = await options.connect();
    const current = openConnection(socket, options, {
      onReady() {
        backoff.reset();
        wasReady = true;
        onConnection('connected');
        for (const aside of asides) current.send(aside);
        if (claims !== undefined) current.send({ type: 'finish', ...claims });
      },
      signal: leaving.signal,
    });
    connection = current;
    try {
      return await current.finished;
    } finally {
      connection = undefined;
    }
  }

  return {
    done,
    say(message) {
      asides.push(message);
      connection?.send(message);
    },
    finish(claimed) {
      claims = claimed;
      connection?.send({ type: 'finish', ...claimed });
    },
    async cancel() {
      cancelling = true;
      const current = connection;
      if (current === undefined) return leaving.abort();
      const timer = setTimeout(() => leaving.abort(), CANCEL_MS);
      await current.allSent();
      current.send({ type: 'cancel' });
      await done.catch(() => {});
      clearTimeout(timer);
      leaving.abort();
    },
    abandon: () => leaving.abort(),
  };

  function openConnection(
    socket: SocketLike,
    { read }: LiveSessionOptions,
    { onReady, signal }: { onReady(): void; signal: AbortSignal },
  ) {
    const closed = new AbortController();
    const { promise: finished, resolve, reject } = Promise.withResolvers<Finished>();
    const sending = new Set<Promise<void>>();
    let ready = false;
    let problem: SpeakrError | undefined;
    let last: Finished | undefined;
    let fetching: Promise<void> | undefined;
    const silent = () => fail(new SpeakrError('unreachable', 'The server does not answer.'));
    let timer = setTimeout(silent, READY_MS);
    /** A connection whose other end is gone looks like one where nothing happens, until somebody counts. */
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(silent, options.silenceMs ?? SILENCE_MS);
    };

    function fail(error: SpeakrError): void {
      problem ??= error;
      socket.close();
      end();
    }
    function end(): void {
      if (closed.signal.aborted) return;
      closed.abort();
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      if (last !== undefined) resolve(last);
      else reject(problem ?? new SpeakrError('unreachable', 'The connection broke.'));
    }
    function leave(): void {
      socket.close(1000);
      end();
    }
    signal.addEventListener('abort', leave);

    const send = (message: ClientMessage) => {
      if (ready && !closed.signal.aborted) socket.send(JSON.stringify(message));
    };

    async function upload(track: number, fromSample: number): Promise<void> {
      for await (const chunk of read(track, fromSample, closed.signal)) {
        while (socket.bufferedAmount > BUFFERED_BYTES && !closed.signal.aborted)
          await new Promise((wake) => setTimeout(wake, BUFFER_POLL_MS));
        if (closed.signal.aborted) return;
        if ('gapSamples' in chunk) {
          const { offset, gapSamples, reason } = chunk;
          send({ type: 'gap', track, fromSample: offset, samples: gapSamples, reason });
        } else for (const piece of pieces(chunk)) socket.send(encodeChunk(piece));
      }
    }

    function receive(message: ServerMessage): void {
      if (ready || message.type === 'ready') heard();
      if (message.type === 'ready') {
        ready = true;
        onReady();
        onMessage(message);
        for (const { track, sample } of message.resumeFrom) {
          const sent: Promise<void> = upload(track, sample)
            .catch((error: unknown) => {
              if (closed.signal.aborted) return;
              // Reading what was recorded failed: another connection would not help.
              const known = error instanceof SpeakrError ? error : undefined;
              fail(known ?? new SpeakrError('internal', undefined, { cause: error }));
            })
            .finally(() => sending.delete(sent));
          sending.add(sent);
        }
        return;
      }
      if (message.type === 'notes_ready' && options.fetchNotes !== undefined)
        fetching = options.fetchNotes(message.recordingId).then(
          (notes) => onMessage({ type: 'notes', notes }),
          // They are on the server, and whoever asks later gets them: no reason to lose the receipt.
          () => onMessage(message),
        );
      // Ends the connection unless `finished` follows: recognition may fail and the recording is received all the same.
      if (message.type === 'error') problem = SpeakrError.fromProblem(message.problem);
      if (message.type === 'finished') {
        last = message;
        clearTimeout(timer);
        if (fetching === undefined) conclude(message);
        else void fetching.then(() => conclude(message));
      } else if (message.type !== 'notes_ready' || options.fetchNotes === undefined) onMessage(message);
    }
    function conclude(message: Finished): void {
      if (closed.signal.aborted) return;
      onMessage(message);
      socket.close(1000);
      end();
    }

    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(JSON.stringify(start));
    socket.onmessage = ({ data }: { data: unknown }) => {
      const message = parse(data);
      if (message === undefined)
        fail(new SpeakrError('stream_malformed', 'The server sent what is no message.'));
      else if (message !== null && !closed.signal.aborted) receive(message);
    };
    const gone = () => {
      if (last === undefined) end();
    };
    // Some runtimes tell a refused connection by this event only.
    socket.onerror = gone;
    socket.onclose = gone;
    // Whoever left while the way to the server was being found would feed it for ever.
    if (signal.aborted) leave();
    return {
      finished,
      send,
      /** Everything that could be read has been sent. */
      allSent: async () => {
        await Promise.all(sending);
      },
    };
  }
}

/** Chunks may be longer at the source than on the wire. */
function* pieces({ track, offset, pcm }: AudioChunk): Generator<AudioChunk> {
  const bytes = MAX_CHUNK_SAMPLES * 2;
  for (let at = 0; at < pcm.byteLength; at += bytes)
    yield { track, offset: offset + at / 2, pcm: pcm.subarray(at, at + bytes) };
}

const serverTypes = new Set<ServerMessage['type']>([
  'ready',
  'ack',
  'partial',
  'final',
  'revised',
  'state',
  'command',
  'notes',
  'notes_ready',
  'finished',
  'error',
]);

/** @returns undefined for what is no message; null for one that only a newer client would know */
function parse(data: unknown): ServerMessage | null | undefined {
  if (typeof data !== 'string') return undefined;
  // No server of ours sends it; it is not worth the memory.
  if (data.length > MAX_MESSAGE_BYTES) return null;
  try {
    const message = JSON.parse(data) as ServerMessage;
    if (typeof message.type !== 'string') return undefined;
    if (!serverTypes.has(message.type)) return null;
    if (message.type === 'error' && !Problem.safeParse(message.problem).success) return undefined;
    return message;
  } catch {
    return undefined;
  }
}
