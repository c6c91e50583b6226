/**
 * Runs the tests: `npm test` all of them with the coverage gate, `npm test -- server/store cli` those under the given
 * paths without it. Every file runs in its own process, with a time limit so that nothing hangs. The services that
 * tests ask for are started once for all of them (services/).
 *
 * Tests with real sound and real services can be starved on a machine that others use too. So of all tests, up to
 * `MOST_AGAIN` files that failed run once more, one at a time; which ones is the last thing printed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXCLUDED } from './coverage-gate.ts';
import { startServices } from './services/client.ts';
import type { TestOutcome } from './test-reporter.ts';

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

/** More files than this do not fail for want of a processor. */
const MOST_AGAIN = 3;

const temporary = mkdtempSync(path.join(tmpdir(), 'speakr-tests-'));
const services = await startServices('test');

/** Runs test files; tells whether all passed, and how it ended if the reporter came to its end. */
function run(name: string, files: readonly string[], flags: readonly string[], concurrency: number) {
  const outcome = path.join(temporary, `${name}.json`);
  const { status } = spawnSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import=./scripts/tsx-hook.ts',
      '--import=./scripts/test-process.ts',
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${FILE_TIMEOUT_MS}`,
      '--test-reporter=./scripts/test-reporter.ts',
      '--test-reporter-destination=stdout',
      ...flags,
      ...files,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        SPEAKR_TEST_SERVICES: services.url,
        SPEAKR_TEST_OUTCOME: outcome,
        // What e2e/harness.ts has the processes of the bundle write there, for the coverage gate.
        ...(flags.length > 0 ? { SPEAKR_BUNDLE_COVERAGE: temporary } : {}),
      },
    },
  );
  return {
    passed: status === 0,
    outcome: existsSync(outcome) ? (JSON.parse(readFileSync(outcome, 'utf8')) as TestOutcome) : undefined,
  };
}

let { passed, outcome } = run('all', files, chosen.length > 0 ? [] : coverage, 2);
const again = outcome?.failedFiles ?? [];
if (chosen.length === 0 && outcome?.coverageHolds && again.length > 0 && again.length <= MOST_AGAIN) {
  const names = again.map((file) => path.relative(root, file)).join(', ');
  process.stdout.write(`\nOnce more, one at a time: ${names}\n\n`);
  ({ passed } = run('again', again, [], 1));
  process.stdout.write(
    passed
      ? `\nPassed, but ${names} failed the first time: see above why, it should not.\n`
      : `\nFailed twice: ${names}\n`,
  );
}
await services.stop();
rmSync(temporary, { recursive: true });
process.exitCode = passed ? 0 : 1;
