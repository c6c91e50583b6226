/** Longest wait for what a test expects, ms. It only bounds how long a test that fails takes. */
const LIMIT_MS = 90_000;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/**
 * How tests wait: asks again and again until something is so.
 * @param what is waited for, for the message of a wait in vain
 * @param seen what there was instead, for the same message
 */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  { limitMs = LIMIT_MS, seen }: { limitMs?: number; seen?: () => unknown } = {},
): Promise<void> {
  const end = performance.now() + limitMs;
  for (let pauseMs = FIRST_PAUSE_MS; !(await check()); pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (performance.now() > end) throw new Error(inVain(what, limitMs, seen));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** The same for what something answers, which is given back once it fits. */
export async function answer<T>(
  what: string,
  ask: () => T | Promise<T>,
  fits: (value: T) => boolean,
): Promise<T> {
  let last = await ask();
  const check = async () => {
    if (fits(last)) return true;
    last = await ask();
    return fits(last);
  };
  await until(what, check, { seen: () => last });
  return last;
}

function inVain(what: string, limitMs: number, seen?: () => unknown): string {
  const instead = seen === undefined ? '' : `; there was ${JSON.stringify(seen(), undefined, 1)}`;
  return `${what}: not within ${limitMs / 1000} s${instead}`;
}
