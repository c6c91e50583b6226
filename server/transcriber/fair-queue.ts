import type { DecodeOptions } from './recognizer.ts';

type Priority = DecodeOptions['priority'];

const priorities: readonly Priority[] = ['final', 'partial', 'batch'];

/** What waits for a worker: by priority, and within one priority the sessions take turns. */
export interface FairQueue<Item> {
  push(item: Item, order: { priority: Priority; session: string }): void;
  /** Puts an item before all others. */
  pushFirst(item: Item): void;
  /** @param without a priority that stays where it is */
  shift(without?: Priority): Item | undefined;
  remove(item: Item): boolean;
  readonly size: number;
}

export function createFairQueue<Item>(): FairQueue<Item> {
  const first: Item[] = [];
  // A session that had its turn moves to the end of its map.
  const waiting = new Map<Priority, Map<string, Item[]>>(priorities.map((priority) => [priority, new Map()]));
  let size = 0;

  return {
    get size() {
      return size;
    },
    push(item, { priority, session }) {
      const sessions = waiting.get(priority) as Map<string, Item[]>;
      const items = sessions.get(session);
      if (items === undefined) sessions.set(session, [item]);
      else items.push(item);
      size++;
    },
    pushFirst(item) {
      first.push(item);
      size++;
    },
    shift(without) {
      if (first.length > 0) {
        size--;
        return first.shift();
      }
      for (const priority of priorities) {
        if (priority === without) continue;
        const sessions = waiting.get(priority) as Map<string, Item[]>;
        for (const [session, items] of sessions) {
          const item = items.shift();
          sessions.delete(session);
          if (items.length > 0) sessions.set(session, items);
          size--;
          return item;
        }
      }
      return undefined;
    },
    remove(item) {
      for (const sessions of waiting.values())
        for (const [session, items] of sessions) {
          const index = items.indexOf(item);
          if (index < 0) continue;
          items.splice(index, 1);
          if (items.length === 0) sessions.delete(session);
          size--;
          return true;
        }
      const index = first.indexOf(item);
      if (index < 0) return false;
      first.splice(index, 1);
      size--;
      return true;
    },
  };
}
