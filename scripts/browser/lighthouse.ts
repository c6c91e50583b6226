/** Scores of a page by Lighthouse, which is fetched when it is asked for and is no dependency. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { runTool } from '../release/run-tool.ts';
import { findChromium } from './chromium.ts';

const LIGHTHOUSE = 'lighthouse@13.5.0';

/** @returns category → 0 to 100. @throws Error when it cannot be had, or fails */
export async function lighthouseScores(url: string): Promise<Record<string, number>> {
  const browser = findChromium();
  if (browser === undefined) throw new Error('There is no browser.');
  const work = mkdtempSync(path.join(tmpdir(), 'speakr-lighthouse-'));
  const report = path.join(work, 'report.json');
  try {
    // Not in one go: the page may be served by this process.
    await promisify(execFile)(
      'npm',
      [
        ...['exec', '--yes', `--package=${LIGHTHOUSE}`, '--', 'lighthouse', url],
        ...['--quiet', '--output=json', `--output-path=${report}`, '--preset=desktop'],
        '--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage',
      ],
      { env: { ...process.env, CHROME_PATH: runTool('sh', ['-c', `command -v ${browser}`]).trim() } },
    );
    const { categories } = JSON.parse(readFileSync(report, 'utf8')) as {
      categories: Record<string, { score: number }>;
    };
    return Object.fromEntries(
      Object.entries(categories).map(([name, { score }]) => [name, Math.round(score * 100)]),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
