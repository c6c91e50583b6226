/**
 * Runs the tests: `npm test` all of them with the coverage gate, `npm test -- server/store cli` those under the given
 * paths without it. Every file runs in its own process, with a time limit so that nothing hangs. The services that
 * tests ask for are started once for all of them (services/).
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXCLUDED } from './coverage-gate.ts';
import { startServices } from './services/client.ts';

/** Longest run of one test file, ms. The slowest takes well under a minute on two busy cores. */
const FILE_TIMEOUT_MS = 10 * 60_000;

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const chosen = process.argv.slice(2);
const folders =
  chosen.length > 0 ? chosen : ['contracts', 'client', 'server', 'cli', 'scripts', 'bench', 'e2e'];
const files = folders.flatMap((folder) =>
  folder.endsWith('.ts') || folder.endsWith('.tsx')
    ? [folder]
    : globSync(`${folder}/**/*.test.{ts,tsx}`, { cwd: root, exclude: ['**/node_modules/**'] }).sort(),
);
if (files.length === 0) {
  process.stderr.write(`There are no tests in ${folders.join(', ')}.\n`);
  process.exit(1);
}

const coverage = [
  '--experimental-test-coverage',
  ...['contracts', 'client', 'server', 'cli'].map((name) => `--test-coverage-include=${name}/**`),
  ...EXCLUDED.map((pattern) => `--test-coverage-exclude=${pattern}`),
];

/** What e2e/harness.ts has the processes of the bundle write there, for the coverage gate. */
const bundleCoverage = mkdtempSync(path.join(tmpdir(), 'speakr-bundle-coverage-'));
const services = await startServices('test');
const { status } = spawnSync(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    '--import=./scripts/tsx-hook.ts',
    '--import=./scripts/test-process.ts',
    '--test',
    '--test-concurrency=2',
    `--test-timeout=${FILE_TIMEOUT_MS}`,
    '--test-reporter=./scripts/test-reporter.ts',
    '--test-reporter-destination=stdout',
    ...(chosen.length > 0 ? [] : coverage),
    ...files,
  ],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      SPEAKR_TEST_SERVICES: services.url,
      ...(chosen.length > 0 ? {} : { SPEAKR_BUNDLE_COVERAGE: bundleCoverage }),
    },
  },
);
await services.stop();
rmSync(bundleCoverage, { recursive: true });
process.exitCode = status ?? 1;
