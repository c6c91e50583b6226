import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Release } from './artefact.ts';

export const installers = ['install.sh', 'install.ps1'] as const;

/** An installer for one release: version, place and key are written into it. */
export function installerScript(
  name: (typeof installers)[number],
  { version, baseUrl, publicKey }: Pick<Release, 'version' | 'baseUrl' | 'publicKey'>,
): string {
  const template = readFileSync(path.join(import.meta.dirname, 'installers', name), 'utf8');
  const values: Record<string, string> = {
    '@VERSION@': version,
    '@BASE_URL@': baseUrl,
    '@PUBLIC_KEY@': publicKey,
  };
  // They stand in quotes there; nothing may end those.
  for (const [mark, value] of Object.entries(values))
    if (/['"`$\\\n]/.test(value)) throw new Error(`${mark} cannot be ${JSON.stringify(value)}`);
  return template.replace(/@[A-Z_]+@/g, (mark) => values[mark] ?? mark);
}
