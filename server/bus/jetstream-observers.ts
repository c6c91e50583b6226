import type { Subscription } from '@nats-io/transport-node';
import { type Message, type MessageType, subjectOf } from '@speakr/contracts/events';
import type { Nats } from '../nats/nats.ts';
import type { Log } from '../observability/log.ts';
import { errorLabel } from './error-label.ts';

/** Those who look on: they hear what passes, and nothing waits for them. */
export function createObservers({ connection }: Pick<Nats, 'connection'>, log: Log) {
  const listeners = new Map<MessageType, Set<(message: Message) => void>>();
  const subscriptions = new Map<MessageType, Subscription>();
  let started = false;

  const tell = (type: MessageType, data: Uint8Array) => {
    let message: Message;
    try {
      message = JSON.parse(new TextDecoder().decode(data));
    } catch {
      return;
    }
    for (const listener of listeners.get(type) ?? []) {
      try {
        listener(message);
      } catch (error) {
        log.error({ type, error: errorLabel(error) }, 'observer failed');
      }
    }
  };
  const subscribe = (type: MessageType) => {
    if (!started || subscriptions.has(type)) return;
    const callback = (_: unknown, { data }: { data: Uint8Array }) => tell(type, data);
    subscriptions.set(type, connection.subscribe(subjectOf(type), { callback }));
  };

  return {
    observe<T extends MessageType>(types: readonly T[], listener: (message: Message<T>) => void) {
      // A wrapper of its own, so that the same function can listen twice.
      const entry = (message: Message) => listener(message as Message<T>);
      for (const type of types) {
        const all = listeners.get(type) ?? new Set();
        listeners.set(type, all.add(entry));
        subscribe(type);
      }
      return () => {
        for (const type of types) listeners.get(type)?.delete(entry);
      };
    },
    async start(): Promise<void> {
      started = true;
      for (const type of listeners.keys()) subscribe(type);
      await connection.flush();
    },
    stop(): void {
      for (const subscription of subscriptions.values()) subscription.unsubscribe();
      subscriptions.clear();
      started = false;
    },
  };
}
