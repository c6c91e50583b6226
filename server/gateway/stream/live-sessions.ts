import type { CommandMessage } from '@speakr/contracts/stream';
import type { z } from 'zod';

export type Command = Omit<z.output<typeof CommandMessage>, 'type'>;

/** The connection that feeds a recording at the moment. */
export interface LiveSession {
  command(command: Command): void;
  /** Another connection has taken over. */
  replaced(): void;
  /** There is no such recording any more. */
  erased(): void;
}

/**
 * Which recordings have a client at the other end, so that commands from elsewhere reach it.
 * Adapters: in process (embedded), across gateways over NATS (hosted).
 */
export interface LiveSessions {
  /** The newest connection wins: the one before is half-open, most likely. @returns takes it out again */
  add(owner: string, recordingId: string, session: LiveSession): () => void;
  /** Gives a command to the connection that feeds the recording. @returns false when there is none */
  command(owner: string, recordingId: string, command: Command): Promise<boolean>;
  /** Ends every connection that feeds a recording of this owner. */
  endAll(owner: string): Promise<void>;
  /** Whether a connection of this process feeds the recording. */
  isLive(owner: string, recordingId: string): boolean;
  /** Recordings of an owner that connections of this process feed. */
  of(owner: string): ReadonlySet<string>;
  /** Connections of this process. */
  readonly count: number;
}

export function createLiveSessions(): LiveSessions {
  const sessions = new Map<string, LiveSession>();
  const keyOf = (owner: string, recordingId: string) => `${owner}/${recordingId}`;

  return {
    add(owner, recordingId, session) {
      const key = keyOf(owner, recordingId);
      sessions.get(key)?.replaced();
      sessions.set(key, session);
      return () => {
        if (sessions.get(key) === session) sessions.delete(key);
      };
    },
    async command(owner, recordingId, command) {
      const session = sessions.get(keyOf(owner, recordingId));
      session?.command(command);
      return session !== undefined;
    },
    async endAll(owner) {
      const prefix = keyOf(owner, '');
      for (const [key, session] of sessions) if (key.startsWith(prefix)) session.erased();
    },
    isLive: (owner, recordingId) => sessions.has(keyOf(owner, recordingId)),
    of(owner) {
      const prefix = keyOf(owner, '');
      const keys = [...sessions.keys()].filter((key) => key.startsWith(prefix));
      return new Set(keys.map((key) => key.slice(prefix.length)));
    },
    get count() {
      return sessions.size;
    },
  };
}
