import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { coverageByPackage, coverageReport, filesNeverLoaded, withBundle } from './coverage-gate.ts';

const file = (path: string, totalLineCount: number, covered: number) => ({
  path: `/project/${path}`,
  totalLineCount,
  missedLines: Array.from({ length: totalLineCount - covered }, (_, index) => covered + index + 1),
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

test('a file that no test loads counts as uncovered, unless it holds types only', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'speakr-coverage-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(path.join(root, 'server', 'fixtures'), { recursive: true });
  const write = (name: string, text: string) => writeFile(path.join(root, 'server', name), text);
  await write('loaded.ts', 'export const a = 1;\n');
  await write('forgotten.ts', "import { a } from './loaded.ts';\nexport const b = a;\n");
  await write(
    'port.ts',
    "import type { A } from './a.ts';\n/** What it is. */\nexport interface B {\n  a: A;\n}\n",
  );
  await write('forgotten.test.ts', 'export const c = 1;\n');
  await write('fixtures/clock.ts', 'export const d = 1;\n');
  assert.deepEqual(filesNeverLoaded(root, new Set([path.join(root, 'server', 'loaded.ts')])), [
    { path: path.join(root, 'server', 'forgotten.ts'), totalLineCount: 2, missedLines: [1, 2] },
  ]);
});

test('what ran inside the bundle is covered, a line without code like the one before it', () => {
  const ran = new Map([
    [2, true],
    [4, false],
    [6, true],
  ]);
  const [both, other] = withBundle(
    [file('cli/a.ts', 7, 0), file('cli/b.ts', 2, 1)],
    new Map([['/project/cli/a.ts', ran]]),
  );
  assert.deepEqual(both?.missedLines, [4, 5]);
  assert.deepEqual(other?.missedLines, [2]);
});
