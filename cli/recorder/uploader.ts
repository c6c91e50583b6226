import type { LiveSession, LiveSessionOptions } from '@speakr/client/live-session';

/** What a recording needs of the way to the server; how to connect is not its business. */
export type UploadOptions = Omit<LiveSessionOptions, 'connect' | 'backoff'>;

/** A recording on its way to the server, over as many connections as it takes. */
export type Upload = LiveSession;

/** Begins to upload; connects by itself. */
export type StartUpload = (options: UploadOptions) => Upload;
