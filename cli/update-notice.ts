import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Io } from './io.ts';
import { cacheDirectory } from './paths.ts';
import { latestReleaseUrl, version } from './version.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PATIENCE_MS = 400;

const Known = z.object({
  /** When it was asked last, ms since the Unix epoch. */
  askedAt: z.number(),
  /** Newest version, as far as is known. */
  newest: z.string().optional(),
});

/** GitHub's answer about the latest release; anything with a version will do. */
const Answer = z.object({ tag_name: z.string().regex(/^v?\d+\.\d+\.\d+$/) });

interface UpdateOptions {
  readonly io: Pick<Io, 'stdout' | 'stderr' | 'env' | 'platform'>;
  readonly clock: Pick<Clock, 'now'>;
  config(): Config;
  readonly current?: string;
  /** Where is asked when the configuration says nothing else. */
  readonly latestRelease?: string | undefined;
  /** Nobody waits for the answer longer than this, ms. */
  readonly patienceMs?: number;
}

/**
 * Asks once a day whether there is a newer speakr, while a command runs. Only where a person reads it: never in pipes,
 * in CI, or when it is off by config. What goes wrong stays silent.
 * @returns called when the command is done: the sentence to say, at most once a day
 */
export function askForUpdate({
  io,
  clock,
  config,
  current = version,
  latestRelease = latestReleaseUrl,
  patienceMs = PATIENCE_MS,
}: UpdateOptions): () => Promise<string | undefined> {
  const silent = io.stdout.isTTY !== true || io.stderr.isTTY !== true || io.env.CI !== undefined;
  const asking = silent ? undefined : ask().catch(() => undefined);
  return async () => {
    if (asking === undefined) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, patienceMs, undefined);
    });
    const newest = await Promise.race([asking, late]);
    clearTimeout(timer);
    if (newest === undefined || !isNewer(newest, current)) return undefined;
    return `speakr ${newest} is there; this is ${current}. The setting "updateCheck" turns this off.`;
  };

  async function ask(): Promise<string | undefined> {
    const { updateCheck, updateUrl = latestRelease } = config().values;
    if (!updateCheck || updateUrl === undefined) return undefined;
    const path = join(cacheDirectory(io.platform, io.env), 'update.json');
    const known = await readFile(path, 'utf8')
      .then((text) => Known.parse(JSON.parse(text)))
      .catch(() => undefined);
    if (known !== undefined && clock.now() - known.askedAt < DAY_MS) return undefined;
    const keep = async (newest: string | undefined) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, JSON.stringify({ askedAt: clock.now(), newest }));
    };
    // Noted before the answer: a network that does not answer is asked once a day, too.
    await keep(known?.newest);
    try {
      const response = await fetch(updateUrl, {
        headers: { accept: 'application/json' },
        signal: AbortSignal.timeout(5 * patienceMs),
      });
      const newest = Answer.parse(await response.json()).tag_name.replace(/^v/, '');
      await keep(newest);
      return newest;
    } catch {
      return known?.newest;
    }
  }
}

/** Compares versions of three numbers. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (const [index, part] of (a ?? []).entries()) {
    const other = b?.[index] ?? 0;
    if (part !== other) return part > other;
  }
  return false;
}
