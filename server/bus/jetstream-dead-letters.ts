import type { JsMsg, StoredMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { Envelope, type Message, type MessageType } from '@speakr/contracts/events';
import { z } from 'zod';
import { apiCode, type Nats, STREAM_NOT_FOUND } from '../nats/nats.ts';
import type { DeadLetter } from './dead-letters.ts';
import { deadLetterStream, deadLetterSubject, replaySubject } from './jetstream-streams.ts';

const ERROR_HEADER = 'Speakr-Error';
/** Dead letters read at once. */
const PAGE = 500;

/** A message of any version: what is in its data is for who knows its type. */
const AnyMessage = Envelope.extend({ type: z.string() });

/** @returns undefined when it is no message; its type may be one that came after this program */
export function readMessage(value: unknown): Message | undefined {
  const parsed = AnyMessage.safeParse(value);
  return parsed.success ? (parsed.data as Message) : undefined;
}

/** Dead letters in a stream for each consumer. */
export function createJetStreamDeadLetters({ js, jsm }: Pick<Nats, 'js' | 'jsm'>) {
  async function* entries(consumer: string): AsyncGenerator<StoredMsg> {
    const stream = deadLetterStream(consumer);
    const info = await jsm.streams.info(stream).catch((error: unknown) => {
      // Nobody has declared it yet: the consumer has given up nothing.
      if (apiCode(error) === STREAM_NOT_FOUND) return undefined;
      throw error;
    });
    if (info === undefined) return;
    const { state } = info;
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; ) {
      let read = 0;
      for await (const stored of await jsm.direct.getBatch(stream, { seq, batch: PAGE })) {
        read += 1;
        seq = stored.seq + 1;
        yield stored;
      }
      if (read === 0) return;
    }
  }

  return {
    /** @param message undefined when it could not be read: then its bytes are kept as they came */
    async add(consumer: string, message: Message | undefined, original: JsMsg, error: string): Promise<void> {
      const all = headers();
      all.set(ERROR_HEADER, error);
      await js.publish(deadLetterSubject(consumer, message?.subject), original.data, {
        headers: all,
        msgID: `${consumer}/${original.seq}`,
      });
    },

    async list(consumer: string): Promise<DeadLetter[]> {
      const letters: DeadLetter[] = [];
      for await (const stored of entries(consumer)) {
        // What cannot be read has no id of its own: its place in the stream stands for it.
        const message = readMessage(jsonOf(stored)) ?? ({ id: `unreadable-${stored.seq}` } as Message);
        letters.push({ consumer, message, error: stored.header.get(ERROR_HEADER) || 'unknown' });
      }
      return letters;
    },

    /** Whether the consumer has given up a message of one of these types about the recording. */
    async has(consumer: string, recordingId: string, types: readonly MessageType[]): Promise<boolean> {
      const stored = await jsm.direct.getMessage(deadLetterStream(consumer), {
        last_by_subj: deadLetterSubject(consumer, recordingId),
      });
      return stored !== null && types.includes((jsonOf(stored) as Message).type);
    },

    /** Removes those of a user. */
    async forget(consumer: string, owner: string): Promise<void> {
      for await (const stored of entries(consumer)) {
        const { owner: whose } = (jsonOf(stored) ?? {}) as { owner?: string };
        if (whose === owner) await jsm.streams.deleteMessage(deadLetterStream(consumer), stored.seq, true);
      }
    },

    /** Delivers again what can be read, of versions that are known by now. @param messageId all when absent @returns how many there were */
    async replay(consumer: string, messageId?: string): Promise<number> {
      let replayed = 0;
      for await (const stored of entries(consumer)) {
        const parsed = Envelope.safeParse(jsonOf(stored));
        if (!parsed.success || (messageId !== undefined && parsed.data.id !== messageId)) continue;
        // Published before it is taken out: after a crash in between it is known by its id.
        await js.publish(replaySubject(consumer, parsed.data.type), stored.data, {
          msgID: `replay/${consumer}/${stored.seq}`,
        });
        await jsm.streams.deleteMessage(deadLetterStream(consumer), stored.seq, false);
        replayed += 1;
      }
      return replayed;
    },
  };
}

export type JetStreamDeadLetters = ReturnType<typeof createJetStreamDeadLetters>;

function jsonOf(stored: StoredMsg): unknown {
  try {
    return stored.json();
  } catch {
    return undefined;
  }
}
