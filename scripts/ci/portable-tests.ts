/**
 * The tests that run on every system, in the Node that runs this: what needs programs that only Linux has is skipped by
 * the tests themselves, which CI=true would forbid.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(path.dirname(import.meta.dirname));
const { CI: _, ...env } = process.env;
const { status } = spawnSync(
  process.execPath,
  [path.join(root, 'scripts', 'test.ts'), 'contracts', 'client', 'server', 'cli', 'scripts'],
  { cwd: root, stdio: 'inherit', env },
);
process.exitCode = status ?? 1;
