import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';

/** What a login left behind: enough to renew and to end it without asking the server again. */
export const Credential = z.object({
  /** Issuer of the tokens. */
  issuer: z.string(),
  clientId: z.string(),
  /** Audience of the access token. */
  resource: z.string(),
  accessToken: z.string(),
  /** Absent when the issuer gave none: the login then ends with the access token. */
  refreshToken: z.string().optional(),
  /** When the access token was given and when it expires, ms since the Unix epoch. */
  issuedAt: z.number(),
  expiresAt: z.number(),
});
export type Credential = z.infer<typeof Credential>;

const CredentialFile = z.record(z.string(), Credential);

/** Whoever renews a login holds the lock for less than this, ms. A lock that is older is of a process that died. */
const LOCK_MS = 30_000;
const LOCK_POLL_MS = 50;

/** Logins by server, in a file that only its user can read. */
export interface Credentials {
  /** @throws SpeakrError `config_invalid` when the file cannot be read */
  find(server: string): Credential | undefined;
  /** @param credential undefined forgets it */
  keep(server: string, credential: Credential | undefined): void;
  /** Runs work while no other process of this user does: a refresh token is good for one use. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

export function openCredentials(path: string): Credentials {
  const lock = `${path}.lock`;

  function read(): Record<string, Credential> {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw new SpeakrError('config_invalid', `${path} cannot be read.`, { cause });
    }
    try {
      return CredentialFile.parse(JSON.parse(text));
    } catch {
      // Neither the file nor what the parser says of it may be quoted: it holds tokens.
      throw new SpeakrError('config_invalid', `${path} is damaged.`, {
        hint: 'Remove the file and run `speakr login` again.',
      });
    }
  }

  const unwritable = (cause: unknown) =>
    new SpeakrError(
      'config_invalid',
      `${path} cannot be written (${(cause as NodeJS.ErrnoException).code}).`,
      { cause },
    );

  function write(all: Record<string, Credential>): void {
    const temporary = `${path}.${process.pid}`;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      rmSync(temporary, { force: true });
      writeFileSync(temporary, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw unwritable(cause);
    }
  }

  async function take(): Promise<void> {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw unwritable(cause);
    }
    for (;;) {
      try {
        mkdirSync(lock);
        return;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(cause);
      }
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
      if (since !== undefined && Date.now() - since > LOCK_MS) release();
      else await sleep(LOCK_POLL_MS);
    }
  }
  function release(): void {
    try {
      rmdirSync(lock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  return {
    find: (server) => read()[server],
    keep(server, credential) {
      const { [server]: _, ...others } = read();
      write(credential === undefined ? others : { ...others, [server]: credential });
    },
    async exclusively(work) {
      await take();
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
