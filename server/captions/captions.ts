import type { ServerMessage } from '@speakr/contracts/stream';

/** What a transcriber tells the gateway that holds the socket of the recording. */
export type Caption = Extract<ServerMessage, { type: 'partial' | 'final' | 'revised' | 'state' | 'error' }>;

/**
 * Captions on their way back to the socket. Not persisted: after a reconnect finals come from the store.
 * Adapters: in process (embedded), core NATS (hosted).
 */
export interface Captions {
  publish(owner: string, recordingId: string, caption: Caption): void;
  /** @param onMissed called when captions may have been lost on their way */
  subscribe(
    owner: string,
    recordingId: string,
    listener: (caption: Caption) => void,
    onMissed?: () => void,
  ): () => void;
}
