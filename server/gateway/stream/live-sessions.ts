import type { CommandMessage } from '@speakr/contracts/stream';
import type { z } from 'zod';

export type Command = Omit<z.output<typeof CommandMessage>, 'type'>;

/** The connection that feeds a recording at the moment. */
export interface LiveSession {
  command(command: Command): void;
  /** Another connection has taken over. */
  replaced(): void;
}

/** Which recordings have a client at the other end, so that commands from elsewhere reach it. */
export function createLiveSessions() {
  const sessions = new Map<string, LiveSession>();
  const keyOf = (owner: string, recordingId: string) => `${owner}/${recordingId}`;

  return {
    /** The newest connection wins: the one before is half-open, most likely. */
    add(owner: string, recordingId: string, session: LiveSession): () => void {
      const key = keyOf(owner, recordingId);
      sessions.get(key)?.replaced();
      sessions.set(key, session);
      return () => {
        if (sessions.get(key) === session) sessions.delete(key);
      };
    },
    /** Recordings of an owner that are fed right now. */
    of(owner: string): ReadonlySet<string> {
      const prefix = keyOf(owner, '');
      const keys = [...sessions.keys()].filter((key) => key.startsWith(prefix));
      return new Set(keys.map((key) => key.slice(prefix.length)));
    },
    get: (owner: string, recordingId: string) => sessions.get(keyOf(owner, recordingId)),
    get count() {
      return sessions.size;
    },
  };
}

export type LiveSessions = ReturnType<typeof createLiveSessions>;
