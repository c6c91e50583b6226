import { timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { type Authenticate, digestOf, everything } from './authenticate.ts';

/**
 * Bearer tokens from a file: lines of an owner, the SHA-256 of their token in hex, and `admin` for those who
 * have that role. Read once.
 * @throws SpeakrError `config_invalid`
 */
export async function readTokens(path: string): Promise<Authenticate> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new SpeakrError('config_invalid', `The token file ${path} cannot be read (${cause.code}).`, {
      cause,
    });
  });
  const known = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, index) => {
      const [, owner = '', hash = '', role] = /^(\S+)\s+([0-9a-f]{64})(?:\s+(admin))?$/.exec(line) ?? [];
      if (owner === '')
        throw new SpeakrError('config_invalid', `The token file ${path} is wrong in entry ${index + 1}.`);
      return { owner, hash: Buffer.from(hash, 'hex'), roles: role === undefined ? [] : (['admin'] as const) };
    });
  return async (token) => {
    const given = digestOf(token);
    // All are compared, so that time tells nothing.
    const [found] = known.filter(({ hash }) => timingSafeEqual(hash, given));
    return found && everything(found.owner, 'token', found.roles);
  };
}

/** A line of the file. */
export const tokenLine = (owner: string, token: string, role?: 'admin'): string =>
  `${owner} ${digestOf(token).toString('hex')}${role === undefined ? '' : ` ${role}`}\n`;
