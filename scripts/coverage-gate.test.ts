import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverageByPackage, coverageReport } from './coverage-gate.ts';

const file = (path: string, totalLineCount: number, coveredLineCount: number) => ({
  path: `/project/${path}`,
  totalLineCount,
  coveredLineCount,
});

test('a well-tested package does not hide another', () => {
  const packages = coverageByPackage('/project', [
    file('server/a.ts', 1000, 1000),
    file('client/b.ts', 10, 8),
    file('contracts/c.ts', 10, 9),
    file('cli/d.ts', 10, 10),
  ]);
  assert.deepEqual(
    packages.map(({ name, passes }) => [name, passes]),
    [
      ['contracts', true],
      ['client', false],
      ['server', true],
      ['cli', true],
    ],
  );
});

test('a package without any test fails', () => {
  const [contracts] = coverageByPackage('/project', []);
  assert.equal(contracts?.passes, false);
});

test('the report names weak files, the most missing lines first', () => {
  const report = coverageReport(
    coverageByPackage('/project', [
      file('server/weak.ts', 10, 5),
      file('server/weaker.ts', 100, 50),
      file('server/fine.ts', 100, 99),
    ]),
  );
  assert.match(
    report,
    /✖ server .*\n.*server\/weaker\.ts 50 %, 50 lines\n.*server\/weak\.ts 50 %, 5 lines\n/,
  );
  assert.doesNotMatch(report, /fine/);
});
