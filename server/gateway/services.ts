import type { Status } from '@speakr/contracts/api';
import type { Notes } from '@speakr/contracts/notes';
import type { QueryRequest, QueryResponse } from '@speakr/contracts/search';
import type { LocalProcessing } from '@speakr/contracts/stream';
import type { LogChunk } from '../audio-log/audio-log.ts';

/** What the gateway needs of the other features; `server.ts` joins them. */
export interface GatewayServices {
  readonly profile: Status['profile'];
  /** What is in use, for the status. */
  readonly models: Status['models'];
  /** Whether clients may process audio of this server themselves while it is away. */
  readonly localProcessing: LocalProcessing;
  /**
   * The recognizer model for a new transcript: the one asked for, or the default.
   * @throws SpeakrError `model_unknown`, `model_missing`, `model_invalid`, `language_unsupported`
   */
  resolveModel(model: string | undefined, language: string): Promise<string>;
  /** @param running recordings that are fed right now */
  query(owner: string, request: QueryRequest, running: ReadonlySet<string>): Promise<QueryResponse>;
  /** Writes the notes again and keeps them. @throws SpeakrError `template_unknown` */
  writeNotes(
    owner: string,
    recordingId: string,
    request: { template?: string; templateText?: string },
  ): Promise<Notes>;
  /** Reads a track from the log or the archive. @throws SpeakrError `not_found` */
  openAudio(
    owner: string,
    recordingId: string,
    track: number,
    fromSample: number,
    signal: AbortSignal,
  ): AsyncIterable<LogChunk>;
  /** Bytes that an owner's data take. */
  storageSizes(
    owner: string,
  ): Promise<{ audioBytes: number; databaseBytes: number; modelBytes: number; dataDir: string }>;
  /** Messages that wait or are under way. */
  pendingJobs(): Promise<number>;
}
