import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

/**
 * Builds the single executable of this tree for this system.
 * @param args further arguments of `npm run build:binary`
 * @returns its path below `folder`; undefined when it could not be built, and stderr says why
 */
export function buildExecutable(folder: string, ...args: string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'scripts', 'build-binary.ts'), '--out', folder, ...args],
    { cwd: root, encoding: 'utf8' },
  );
  if (status === 0) return stdout.trim();
  process.stderr.write(stderr);
  return undefined;
}
