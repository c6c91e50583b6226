/**
 * `--import`ed into every test process: ends a file that takes too long, even in an endless loop, which the runner's
 * own time limit cannot.
 */
import { Worker } from 'node:worker_threads';

/** The slowest file takes about a minute on two busy cores. */
const LIMIT_MINUTES = Number(process.env.SPEAKR_TEST_FILE_MINUTES ?? 10);

const inTestFile = process.env.NODE_TEST_CONTEXT?.startsWith('child') === true;
if (inTestFile) {
  const watch = `
    const { writeSync } = require('node:fs');
    setTimeout(() => {
      writeSync(2, ${JSON.stringify(`${process.argv[1]} took longer than ${LIMIT_MINUTES} minutes and was ended.\n`)});
      process.kill(process.pid, 'SIGKILL');
    }, ${LIMIT_MINUTES * 60_000});`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}
