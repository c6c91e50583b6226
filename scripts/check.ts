/**
 * `npm run check`: says whether a change is fit to send. Runs everything, then names what failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Longer files are only mentioned: a hint to look whether they have more than one reason to change. */
const LONG_FILE_LINES = 400;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const colours = process.stdout.isTTY ? [] : ['--colors=off'];
const bin = (name: string) => path.join(root, 'node_modules', '.bin', name);

const isInstalled = (program: string) =>
  spawnSync(program, ['-version'], { stdio: 'ignore' }).error === undefined;

const checks: readonly { name: string; command: readonly string[]; mend: string }[] = [
  {
    name: 'format and lint',
    command: [bin('biome'), 'ci', '--diagnostic-level=warn', '--error-on-warnings', ...colours, '.'],
    mend: 'npm run format',
  },
  {
    name: 'types',
    command: [bin('tsc'), '-p', root, '--incremental', '--tsBuildInfoFile', '.cache/types.tsbuildinfo'],
    mend: 'see the messages above',
  },
  {
    name: 'generated contracts',
    command: [process.execPath, 'scripts/generate-contracts.ts', '--check'],
    mend: 'npm run gen',
  },
  {
    name: 'generated documentation',
    command: [process.execPath, 'scripts/generate-reference.ts', '--check'],
    mend: 'npm run gen',
  },
  {
    name: 'contracts that were released',
    command: [process.execPath, 'scripts/check-contracts.ts'],
    mend: 'docs/contracts.md',
  },
  {
    name: 'import direction',
    command: [process.execPath, 'scripts/check-imports.ts'],
    mend: 'ARCHITECTURE.md',
  },
  {
    name: 'documentation',
    command: [process.execPath, 'scripts/check-docs.ts'],
    mend: 'see the messages above',
  },
  // Where it is installed; CI installs it (scripts/ci/lint-workflows.sh).
  ...(isInstalled('actionlint')
    ? [{ name: 'workflows', command: ['actionlint', '-no-color'], mend: 'see the messages above' }]
    : []),
];

function longFiles(): string[] {
  return globSync('{contracts,client,server,cli,scripts,e2e,bench}/**/*.{ts,tsx,mjs}', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/generated/**'],
  })
    .map((file) => ({ file, lines: readFileSync(path.join(root, file), 'utf8').split('\n').length }))
    .filter(({ lines }) => lines > LONG_FILE_LINES)
    .map(({ file, lines }) => `${file} (${lines})`);
}

const failed: string[] = [];
for (const { name, command, mend } of checks) {
  const [program = '', ...args] = command;
  const started = performance.now();
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && !existsSync(program),
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) failed.push(`${name} (${mend})`);
  process.stdout.write(`${status === 0 ? '✔' : '✖'} ${name} (${seconds} s)\n`);
}

const long = longFiles();
if (long.length > 0) process.stdout.write(`Longer than ${LONG_FILE_LINES} lines: ${long.join(', ')}\n`);
if (failed.length > 0) {
  process.stdout.write(`\nNot fit to send: ${failed.join(', ')}.\n`);
  process.exitCode = 1;
}
