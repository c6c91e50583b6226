/** `--test-global-setup` of `npm test`. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * Tests kill processes and take their disk space away, some while they write down what they covered. The test runner
 * would give up all coverage for one such file, so broken ones are dropped.
 */
export function globalTeardown(): void {
  const directory = process.env.NODE_V8_COVERAGE;
  if (directory === undefined || directory === '') return;
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name);
    try {
      JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      rmSync(file);
    }
  }
}
