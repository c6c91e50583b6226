/** Lines that tests must reach, in percent, in each package. */
export const REQUIRED_PERCENT = 90;

const PACKAGES = ['contracts', 'client', 'server', 'cli'] as const;

/** What the test runner says of a file. */
export interface FileCoverage {
  readonly path: string;
  readonly totalLineCount: number;
  readonly coveredLineCount: number;
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
    const covered = mine.reduce((sum, file) => sum + file.coveredLineCount, 0);
    const percent = total === 0 ? 0 : (100 * covered) / total;
    const weak = mine
      .map((file) => ({
        path: file.path.slice(root.length + 1),
        percent: (100 * file.coveredLineCount) / Math.max(1, file.totalLineCount),
        missing: file.totalLineCount - file.coveredLineCount,
      }))
      .filter((file) => file.percent < REQUIRED_PERCENT)
      .sort((a, b) => b.missing - a.missing);
    return { name, percent, passes: percent >= REQUIRED_PERCENT, weak };
  });
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
