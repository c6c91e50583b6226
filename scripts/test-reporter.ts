/**
 * Reporter of `npm test`: node's own spec reporter, but with coverage by package (and its gate) instead of a line for
 * each file, and with the numbers of passed, failed and skipped tests at the very end. Writes what failed to the file
 * that SPEAKR_TEST_OUTCOME names, if any.
 */

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { TestEvent } from 'node:test/reporters';
import { spec } from 'node:test/reporters';
import { readBundleCoverage } from './bundle-coverage.ts';
import { coverageByPackage, coverageReport, filesNeverLoaded, withBundle } from './coverage-gate.ts';

/** How a run ended, as the reporter leaves it for scripts/test.ts. */
export interface TestOutcome {
  /** Test files with a test that failed. */
  readonly failedFiles: readonly string[];
  readonly coverageHolds: boolean;
}

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const totals: TestEvent[] = [];
  const skipped: string[] = [];
  const failed = new Set<string>();
  let coverage = '';
  let coverageHolds = true;

  async function* withoutTotals() {
    for await (const event of events) {
      if (event.type === 'test:coverage') {
        const { files, workingDirectory } = event.data.summary;
        const inProcess = files.map(({ path, totalLineCount, lines }) => ({
          path,
          totalLineCount,
          missedLines: lines.filter(({ count }) => count === 0).map(({ line }) => line),
        }));
        const never = filesNeverLoaded(workingDirectory, new Set(files.map((file) => file.path)));
        const bundle = readBundleCoverage(
          path.join(workingDirectory, 'dist'),
          process.env.SPEAKR_BUNDLE_COVERAGE ?? '',
        );
        const packages = coverageByPackage(workingDirectory, withBundle([...inProcess, ...never], bundle));
        coverage = coverageReport(packages);
        coverageHolds = packages.every((each) => each.passes);
        continue;
      }
      if (event.type === 'test:fail') failed.add(event.data.file ?? event.data.name);
      if (event.type === 'test:pass' && event.data.skip !== undefined && event.data.skip !== false)
        skipped.push(
          `  ${event.data.name}${typeof event.data.skip === 'string' ? `: ${event.data.skip}` : ''}`,
        );
      if (event.type === 'test:diagnostic' && event.data.nesting === 0 && event.data.file === undefined)
        totals.push(event);
      else yield event;
    }
  }

  yield* Readable.from(withoutTotals()).compose(new spec());
  if (skipped.length > 0) yield `\nSkipped:\n${skipped.join('\n')}\n`;
  if (coverage === '' && process.execArgv.includes('--experimental-test-coverage')) {
    coverage = '✖ Coverage could not be measured.\n';
    coverageHolds = false;
  }
  if (!coverageHolds) process.exitCode = 1;
  if (coverage !== '') yield `\n${coverage}`;
  yield '\n';
  for (const event of totals) if (event.type === 'test:diagnostic') yield `ℹ ${event.data.message}\n`;
  if (process.env.SPEAKR_TEST_OUTCOME !== undefined)
    writeFileSync(
      process.env.SPEAKR_TEST_OUTCOME,
      JSON.stringify({ failedFiles: [...failed], coverageHolds } satisfies TestOutcome),
    );
}
