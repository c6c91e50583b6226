import type { ServerMessage } from '@speakr/contracts/stream';
import { fitMessage } from './fit-message.ts';

/** Sends one text frame and calls back when the operating system has it. */
export type Transmit = (text: string, done: () => void) => void;

export interface OutgoingOptions {
  readonly transmit: Transmit;
  /** Reads the finals of the recording from the store, oldest first. */
  readonly storedFinals: () => Promise<Extract<ServerMessage, { type: 'final' }>[]>;
  readonly onError: (error: unknown) => void;
}

/** Bytes that wait for a slow client before anything is held back, and when it is let go again. */
const HIGH_BYTES = 256 * 1024;
const LOW_BYTES = 64 * 1024;

export interface Outgoing {
  send(message: ServerMessage): void;
  /** Sends the stored finals that this client has not got from this connection. */
  resendFinals(): Promise<void>;
  /** Resolves when nothing is held back. */
  flushed(): Promise<void>;
}

/**
 * The way to a client that may read slowly. Memory stays bounded: partials and states are dropped, of acks only the
 * newest is kept, and finals are fetched from the store once there is room again.
 */
export function createOutgoing({ transmit, storedFinals, onError }: OutgoingOptions): Outgoing {
  let pendingBytes = 0;
  let behind = false;
  let resending: Promise<void> | undefined;
  const heldAcks = new Map<number, ServerMessage>();
  const sentFinals = new Set<string>();
  const waiting = new Set<() => void>();

  function put(message: ServerMessage): void {
    if (message.type === 'final') sentFinals.add(message.segmentId);
    for (const fitting of fitMessage(message)) {
      const text = JSON.stringify(fitting);
      pendingBytes += text.length;
      transmit(text, () => {
        pendingBytes -= text.length;
        if (pendingBytes < LOW_BYTES) roomAgain();
      });
    }
  }

  function roomAgain(): void {
    for (const ack of heldAcks.values()) put(ack);
    heldAcks.clear();
    for (const resolve of waiting) resolve();
    waiting.clear();
    if (behind && resending === undefined) {
      behind = false;
      resendFinals().catch(onError);
    }
  }

  const room = () =>
    pendingBytes < LOW_BYTES ? Promise.resolve() : new Promise<void>((resolve) => waiting.add(resolve));

  async function resend(): Promise<void> {
    for (const final of await storedFinals()) {
      if (sentFinals.has(final.segmentId)) continue;
      if (pendingBytes > HIGH_BYTES) await room();
      put(final);
    }
  }

  async function resendFinals(): Promise<void> {
    while (resending !== undefined) await resending;
    resending = resend().finally(() => {
      resending = undefined;
    });
    await resending;
  }

  return {
    send(message) {
      if (pendingBytes <= HIGH_BYTES) put(message);
      else if (message.type === 'ack') heldAcks.set(message.track, message);
      else if (message.type === 'final') behind = true;
      else if (message.type !== 'partial' && message.type !== 'state') put(message);
    },
    resendFinals,
    async flushed() {
      while (behind || resending !== undefined) {
        await room();
        await resending;
        await new Promise((resolve) => setImmediate(resolve));
      }
      await room();
    },
  };
}
