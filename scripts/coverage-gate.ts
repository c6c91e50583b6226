import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import type { BundleCoverage } from './bundle-coverage.ts';

/** Lines that tests must reach, in percent, in each package. */
export const REQUIRED_PERCENT = 90;

const PACKAGES = ['contracts', 'client', 'server', 'cli'] as const;

/**
 * Not held to it: tests and what they use, generated code, the drawing of the terminal, and what runs only inside the
 * single executable (e2e/executable.test.ts).
 */
export const EXCLUDED = [
  '**/*.test.*',
  '**/*-suite.ts',
  '**/suite/**',
  '**/fixtures/**',
  '**/generated/**',
  '**/node_modules/**',
  'cli/ui/**',
  'cli/executable.ts',
];

export interface FileCoverage {
  /** Absolute. */
  readonly path: string;
  readonly totalLineCount: number;
  /** Lines that no test reached, from 1. */
  readonly missedLines: readonly number[];
}

export interface PackageCoverage {
  readonly name: string;
  readonly percent: number;
  readonly passes: boolean;
  /** Files below the required share, the most missing lines first. */
  readonly weak: readonly { path: string; percent: number; missing: number }[];
}

/**
 * Coverage of lines by package: each has to pass alone, so a well-tested one cannot hide another.
 * @param root absolute path of the project
 */
export function coverageByPackage(root: string, files: readonly FileCoverage[]): PackageCoverage[] {
  return PACKAGES.map((name) => {
    const prefix = `${root}/${name}/`;
    const mine = files.filter((file) => file.path.startsWith(prefix));
    const total = mine.reduce((sum, file) => sum + file.totalLineCount, 0);
    const missed = mine.reduce((sum, file) => sum + file.missedLines.length, 0);
    const percent = total === 0 ? 0 : 100 - (100 * missed) / total;
    const weak = mine
      .map((file) => ({
        path: file.path.slice(root.length + 1),
        percent: 100 - (100 * file.missedLines.length) / Math.max(1, file.totalLineCount),
        missing: file.missedLines.length,
      }))
      .filter((file) => file.percent < REQUIRED_PERCENT)
      .sort((a, b) => b.missing - a.missing);
    return { name, percent, passes: percent >= REQUIRED_PERCENT, weak };
  });
}

/**
 * Source files that no test has loaded, as uncovered: the test runner does not know of them. Files of types only do not
 * count.
 * @param loaded absolute paths of the files that were loaded
 */
export function filesNeverLoaded(root: string, loaded: ReadonlySet<string>): FileCoverage[] {
  return globSync(`{${PACKAGES.join(',')}}/**/*.ts`, {
    cwd: root,
    exclude: EXCLUDED,
  })
    .filter((file) => !file.endsWith('.d.ts') && !loaded.has(path.join(root, file)))
    .flatMap((file) => {
      const source = readFileSync(path.join(root, file), 'utf8');
      const lines = source.trimEnd().split('\n').length;
      const missedLines = Array.from({ length: lines }, (_, index) => index + 1);
      return isTypesOnly(source) ? [] : [{ path: path.join(root, file), totalLineCount: lines, missedLines }];
    });
}

/**
 * Takes from the missed lines those that ran inside the bundle. A line without code there (a comment, a closing brace)
 * goes with the line of code before it.
 */
export function withBundle(files: readonly FileCoverage[], bundle: BundleCoverage): FileCoverage[] {
  return files.map((file) => {
    const ran = bundle.get(file.path);
    if (ran === undefined) return file;
    const missed = new Set(file.missedLines);
    let running = true;
    for (let line = 1; line <= file.totalLineCount; line++) {
      running = ran.get(line) ?? running;
      if (running) missed.delete(line);
    }
    return { ...file, missedLines: [...missed] };
  });
}

function isTypesOnly(source: string): boolean {
  const code = stripTypeScriptTypes(source)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^\s*import\b[\s\S]*?;$/gm, '');
  return code.replace(/[\s;]/g, '') === '';
}

/** The table under the tests. */
export function coverageReport(packages: readonly PackageCoverage[]): string {
  const lines = [`Lines covered (at least ${REQUIRED_PERCENT} % in each package):`];
  for (const { name, percent, passes, weak } of packages) {
    lines.push(`  ${passes ? '✔' : '✖'} ${name.padEnd(10)} ${percent.toFixed(1).padStart(5)} %`);
    for (const file of weak.slice(0, 8))
      lines.push(
        `      ${file.path} ${file.percent.toFixed(0)} %, ${file.missing} ${file.missing === 1 ? 'line' : 'lines'}`,
      );
  }
  return `${lines.join('\n')}\n`;
}
