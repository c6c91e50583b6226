/** Which searches are under way in this process, for what can wait until nobody asks. */
export interface Searches {
  during<T>(search: () => Promise<T>): Promise<T>;
  /** Resolves when none is under way, or after so long, ms. */
  idle(mostMs: number): Promise<void>;
}

export function createSearches(): Searches {
  let underWay = 0;
  const waiting = new Set<() => void>();
  return {
    async during(search) {
      underWay += 1;
      try {
        return await search();
      } finally {
        underWay -= 1;
        if (underWay === 0) for (const wake of [...waiting]) wake();
      }
    },
    idle(mostMs) {
      if (underWay === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, mostMs);
        waiting.add(wake);
      });
    },
  };
}
