import { within } from './within.ts';

/** Asks one thing that the process cannot do without; rejects when it is not there. */
export type Check = () => Promise<unknown>;

/** What a process that has just started, or is about to end, cannot do. */
export interface Readiness {
  readonly ready: boolean;
  /** Each thing it needs, and whether it answers. */
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>;
  /** Takes no more: it is about to end. */
  readonly draining: boolean;
}

export interface ReadinessProbe {
  look(): Promise<Readiness>;
  /** From now on it is not ready. */
  drain(): void;
}

/** How long one answer may take, ms. */
const CHECK_MS = 2000;

/** Looks after all of them at once; those who ask meanwhile get the same answer. */
export function createReadinessProbe(
  checks: Readonly<Record<string, Check>>,
  timeoutMs = CHECK_MS,
): ReadinessProbe {
  let looking: Promise<Readiness> | undefined;
  let draining = false;

  async function look(): Promise<Readiness> {
    const answers = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        const isOk = await within(timeoutMs, check()).then(
          () => true,
          () => false,
        );
        return [name, isOk ? 'ok' : 'failed'] as const;
      }),
    );
    const isWell = answers.every(([, answer]) => answer === 'ok');
    return { ready: isWell && !draining, checks: Object.fromEntries(answers), draining };
  }

  return {
    look() {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    drain() {
      draining = true;
    },
  };
}
