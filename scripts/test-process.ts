/** `--import`ed into every test process by `npm test`. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { Worker } from 'node:worker_threads';

/** The slowest file takes about two minutes on two busy cores. */
const LIMIT_MINUTES = Number(process.env.SPEAKR_TEST_FILE_MINUTES ?? 6);

/**
 * Ends a file that takes too long, even in an endless loop, which the runner's own time limit cannot; and says in which
 * test it was.
 */
function watch(): void {
  const message = `${process.argv[1]} took longer than ${LIMIT_MINUTES} minutes and was ended`;
  const program = `
    const { writeSync } = require('node:fs');
    const { parentPort } = require('node:worker_threads');
    let where = 'before its tests';
    parentPort.on('message', (told) => { where = told; });
    setTimeout(() => {
      writeSync(2, ${JSON.stringify(message)} + ' ' + where + '.\\n');
      process.kill(process.pid, 'SIGKILL');
    }, ${LIMIT_MINUTES * 60_000});`;
  const watchdog = new Worker(program, { eval: true, execArgv: [] });
  watchdog.unref();
  // Of the root: they are called for every test of the file.
  beforeEach((context) => watchdog.postMessage(`in “${context.name}”`));
  afterEach((context) => watchdog.postMessage(`after “${context.name}”`));
}

/**
 * Tests kill processes and take their disk space away, some while they write down what they covered. The runner would
 * give up all coverage for one such file, so those that are broken are removed.
 */
function removeBrokenCoverage(directory: string, since: number): void {
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name);
    try {
      if (statSync(file).mtimeMs < since) continue;
      JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      rmSync(file, { force: true });
    }
  }
}

if (process.env.NODE_TEST_CONTEXT?.startsWith('child') === true) {
  watch();
  const coverage = process.env.NODE_V8_COVERAGE;
  const started = Date.now();
  if (coverage) process.once('exit', () => removeBrokenCoverage(coverage, started));
}
