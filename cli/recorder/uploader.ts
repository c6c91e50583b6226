import type { LiveSession, LiveSessionOptions } from '@speakr/client/live-session';
import type { Finished } from '@speakr/contracts/stream';
import type { z } from 'zod';

/** What a recording needs of the way to the server; how to connect is not its business. */
export type UploadOptions = Omit<LiveSessionOptions, 'connect' | 'backoff' | 'fetchNotes'> & {
  /** Something the user should read now. */
  onNotice?(text: string): void;
  /** The server of this machine begins to stand in for the one the recording is meant for. */
  onTakeOver?(): void;
};

export interface UploadEnd extends z.infer<typeof Finished> {
  /** Address of the server that is still to get the recording: another one has finished it in its place. */
  readonly owedTo?: string;
}

/** A recording on its way to the server, over as many connections as it takes. */
export interface Upload extends Omit<LiveSession, 'done'> {
  /** Resolves with the receipt. @throws SpeakrError what no new connection can mend, or the last failure after `abandon` */
  readonly done: Promise<UploadEnd>;
}

/** Begins to upload; connects by itself. */
export type StartUpload = (options: UploadOptions) => Upload;
