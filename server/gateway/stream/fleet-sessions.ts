import { randomUUID } from 'node:crypto';
import { NoRespondersError, RequestError } from '@nats-io/transport-node';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Nats } from '../../nats/nats.ts';
import { ownerToken } from '../../owner-token.ts';
import { createLiveSessions, type LiveSessions } from './live-sessions.ts';

/** How long another gateway may take to pass a command on, ms. */
const COMMAND_MS = 2000;

const subjectOf = (owner: string, recordingId: string, what: 'command' | 'taken') =>
  `speakr.sessions.${ownerToken(owner)}.${recordingId}.${what}`;

const erasedSubject = (owner: string) => `speakr.sessions.${ownerToken(owner)}.erased`;

/** Live sessions of all gateways: commands find the one that holds the socket, and a new socket ends the one before. */
export function createFleetSessions({ connection }: Pick<Nats, 'connection'>): LiveSessions {
  const local = createLiveSessions();
  const instance = randomUUID();

  return {
    add(owner, recordingId, session) {
      const leave = local.add(owner, recordingId, session);
      const taken = subjectOf(owner, recordingId, 'taken');
      const subscriptions = [
        connection.subscribe(taken, {
          callback(error, message) {
            if (error || message.string() === instance) return;
            session.replaced();
          },
        }),
        connection.subscribe(erasedSubject(owner), {
          callback(error) {
            if (!error) session.erased();
          },
        }),
        connection.subscribe(subjectOf(owner, recordingId, 'command'), {
          callback(error, message) {
            if (error) return;
            session.command(message.json());
            message.respond();
          },
        }),
      ];
      connection.publish(taken, instance);
      return () => {
        leave();
        for (const subscription of subscriptions) subscription.unsubscribe();
      };
    },

    async command(owner, recordingId, command) {
      if (await local.command(owner, recordingId, command)) return true;
      const subject = subjectOf(owner, recordingId, 'command');
      try {
        await connection.request(subject, JSON.stringify(command), { timeout: COMMAND_MS });
        return true;
      } catch (error) {
        if (error instanceof NoRespondersError) return false;
        if (error instanceof RequestError && error.isNoResponders()) return false;
        throw new SpeakrError('unavailable', undefined, { cause: error });
      }
    },
    async endAll(owner) {
      await local.endAll(owner);
      connection.publish(erasedSubject(owner));
      await connection.flush();
    },
    isLive: local.isLive,
    of: local.of,
    get count() {
      return local.count;
    },
  };
}
