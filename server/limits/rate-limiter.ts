/** How much may be asked for: a bucket that refills. */
export interface Rate {
  /** Tokens a minute. */
  readonly perMinute: number;
  /** Tokens that a full bucket holds. */
  readonly burst: number;
}

/** Where all gateways keep their buckets. */
export interface SharedBuckets {
  /**
   * Takes up to so many tokens out of a bucket, which is full when it is asked for the first time.
   * @returns how many were taken, and when there will be one again, ms
   */
  take(key: string, tokens: number, rate: Rate): Promise<{ taken: number; waitMs: number }>;
}

export interface RateLimiter {
  /** Takes a token. @returns 0 when there was one, else how long to wait for the next, ms */
  take(key: string, rate: Rate): Promise<number>;
  /** How long a key that was refused has to wait still, ms; asks nobody. */
  refusedFor(key: string): number;
}

/** Of a burst this part is fetched at once: a gateway asks for so many requests at a time, and no more is uneven. */
const SHARE = 20;
/** What a gateway has fetched and not given out by then it forgets, ms. */
const CREDIT_MS = 5000;
const MOST_KEYS = 20_000;

interface Account {
  credit: number;
  fetchedAt: number;
  refusedUntil: number;
  fetching?: Promise<void>;
}

/**
 * Gives out tokens of shared buckets, fetched some at a time, so that most requests cost no question. All gateways
 * together never give out more than a bucket holds. When the buckets cannot be asked everything is let through: what
 * needs the same database will say so itself.
 */
export function createRateLimiter({
  buckets,
  monotonic,
  onError,
}: {
  readonly buckets: SharedBuckets;
  readonly monotonic: () => number;
  readonly onError: (error: unknown) => void;
}): RateLimiter {
  const accounts = new Map<string, Account>();

  function accountOf(key: string): Account {
    const known = accounts.get(key);
    const account = known ?? { credit: 0, fetchedAt: 0, refusedUntil: 0 };
    // The newest are last: when there are too many the first is the one that was not asked for the longest.
    accounts.delete(key);
    if (accounts.size >= MOST_KEYS) accounts.delete(accounts.keys().next().value ?? '');
    accounts.set(key, account);
    return account;
  }

  async function fetch(account: Account, key: string, rate: Rate): Promise<void> {
    const wanted = Math.max(1, Math.floor(rate.burst / SHARE));
    try {
      const { taken, waitMs } = await buckets.take(key, wanted, rate);
      account.credit = taken;
      if (taken === 0) account.refusedUntil = monotonic() + Math.max(1, waitMs);
    } catch (error) {
      onError(error);
      account.credit = wanted;
    }
    account.fetchedAt = monotonic();
  }

  return {
    async take(key, rate) {
      const account = accountOf(key);
      for (;;) {
        if (monotonic() < account.refusedUntil) return account.refusedUntil - monotonic();
        if (account.credit > 0 && monotonic() - account.fetchedAt < CREDIT_MS) {
          account.credit -= 1;
          return 0;
        }
        account.fetching ??= fetch(account, key, rate).finally(() => {
          delete account.fetching;
        });
        await account.fetching;
      }
    },
    refusedFor: (key) => Math.max(0, (accounts.get(key)?.refusedUntil ?? 0) - monotonic()),
  };
}
