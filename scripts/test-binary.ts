/**
 * `npm run test:binary [EXECUTABLE] [-- TEST…]`: the tests of e2e/ against an executable, made now when none is named;
 * but for those of a hosted fleet, which start no speakr of their own.
 * It runs from a folder of its own, with spaces and letters beyond ASCII in its name, far from node_modules.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostTarget, programName } from './executable/target.ts';
import { runTool } from './release/run-tool.ts';

const root = path.dirname(import.meta.dirname);
const target = hostTarget();
if (target === undefined) throw new Error('There is no executable for this system.');
const [named, ...tests] = process.argv.slice(2);
const embedded = globSync('e2e/**/*.test.ts', { cwd: root }).filter(
  (file) => !file.includes('faults-hosted'),
);
const directory = mkdtempSync(path.join(tmpdir(), 'speakr für alle '));
try {
  const built =
    named ?? runTool(process.execPath, [path.join(root, 'scripts', 'build-binary.ts')], { cwd: root }).trim();
  const executable = path.join(directory, programName(target));
  copyFileSync(built, executable);
  const { status } = spawnSync(
    process.execPath,
    [path.join(root, 'scripts', 'test.ts'), ...(tests.length > 0 ? tests : embedded)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, SPEAKR_BIN: executable } },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
