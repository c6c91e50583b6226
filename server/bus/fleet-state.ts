import type { MessageType } from '@speakr/contracts/events';
import type { Nats } from '../nats/nats.ts';
import type { WorkAbout } from './bus.ts';
import type { JetStreamDeadLetters } from './jetstream-dead-letters.ts';
import { deadLetterStream, MESSAGES } from './jetstream-streams.ts';
import type { OutboxTable } from './outbox-relay.ts';

interface FleetStateOptions {
  readonly nats: Pick<Nats, 'jsm'>;
  readonly outbox: OutboxTable;
  readonly pollMs: number;
  readonly deadLetters: JetStreamDeadLetters;
  /** All consumers with their types. */
  known(): Readonly<Record<string, readonly MessageType[]>>;
  flush(): Promise<void>;
}

/** What the whole fleet still has to do, asked of the broker. One question at a time serves everybody who waits. */
export function createFleetState({
  nats: { jsm },
  outbox,
  pollMs,
  deadLetters,
  known,
  flush,
}: FleetStateOptions) {
  const waiting = new Set<{ about?: WorkAbout; resolve: () => void }>();
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let stopped = false;

  async function pending(): Promise<number> {
    let sum = 0;
    for await (const { num_pending, num_ack_pending } of jsm.consumers.list(MESSAGES))
      sum += num_pending + num_ack_pending;
    return sum;
  }
  async function queues() {
    const found: { consumer: string; waiting: number; underWay: number; dead: number }[] = [];
    for await (const { name, num_pending, num_ack_pending } of jsm.consumers.list(MESSAGES)) {
      const dead = name in known() ? (await jsm.streams.info(deadLetterStream(name))).state.messages : 0;
      found.push({ consumer: name, waiting: num_pending, underWay: num_ack_pending, dead });
    }
    return found;
  }
  const lastSeq = async () => (await jsm.streams.info(MESSAGES)).state.last_seq;

  /** Nothing moved while the queues and the outbox were found empty, one after the other. */
  async function isIdle(): Promise<boolean> {
    await flush();
    const before = await lastSeq();
    if ((await pending()) > 0) return false;
    if ((await outbox.waiting()).messages > 0) return false;
    return (await lastSeq()) === before;
  }

  async function givenUp({ recordingId, types }: WorkAbout): Promise<boolean> {
    const consumers = Object.entries(known()).filter(([, handled]) =>
      handled.some((type) => types.includes(type)),
    );
    const found = await Promise.all(consumers.map(([name]) => deadLetters.has(name, recordingId, types)));
    return found.includes(true);
  }

  async function look(): Promise<void> {
    if (looking || stopped || waiting.size === 0) return;
    looking = true;
    clearTimeout(timer);
    const asked = [...waiting];
    try {
      const idle = await isIdle();
      for (const entry of asked) {
        if (!(idle || (entry.about !== undefined && (await givenUp(entry.about))))) continue;
        waiting.delete(entry);
        entry.resolve();
      }
    } catch {
      // The broker is away: asked again.
    } finally {
      looking = false;
    }
    if (waiting.size > 0 && !stopped) timer = setTimeout(look, pollMs);
  }

  return {
    pending,
    queues,
    idle(about?: WorkAbout, signal?: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const entry = { about, resolve };
        waiting.add(entry);
        signal?.addEventListener('abort', () => waiting.delete(entry), { once: true });
        void look();
      });
    },
    stop(): void {
      stopped = true;
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
