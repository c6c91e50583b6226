import type { SpeakrError } from '@speakr/contracts/problem';
import type { ClientMessage, ServerMessage } from '@speakr/contracts/stream';
import type { LogChunk } from '../embedded.ts';

type Finish = Extract<ClientMessage, { type: 'finish' }>;

/** What a recording needs of the way to the server. */
export interface UploadOptions {
  readonly start: Extract<ClientMessage, { type: 'start' }>;
  /** Audio of a track from a sample on; waits for more until the track has ended. */
  read(track: number, fromSample: number, signal: AbortSignal): AsyncIterable<LogChunk>;
  onMessage(message: ServerMessage): void;
  onConnection(state: 'connecting' | 'connected' | 'lost', cause?: SpeakrError): void;
}

/** A recording on its way to the server, over as many connections as it takes. */
export interface Upload {
  /** Said once; repeated on later connections until the server has it. */
  say(message: Extract<ClientMessage, { type: 'mark' | 'note' | 'pause' | 'resume' }>): void;
  /** No more audio will come. */
  finish(claims: Omit<Finish, 'type'>): void;
  /**
   * Discards the recording on the server, after all of its audio: so that it can be restored. Without a connection
   * nothing is said. Never rejects.
   */
  cancel(): Promise<void>;
  /** Leaves without a word: the server keeps what it has. */
  abandon(): void;
  /**
   * Resolves with `finished`.
   * @throws SpeakrError what no new connection can mend, or the last failure after `abandon`
   */
  readonly done: Promise<Extract<ServerMessage, { type: 'finished' }>>;
}

/** Begins to upload; connects by itself. */
export type StartUpload = (options: UploadOptions) => Upload;
