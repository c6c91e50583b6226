#!/usr/bin/env node
// Makes a fresh clone ready: dependencies, Node 24, the CLI bundle, the models. Runs before the npm scripts that need
// it, on any Node from 20 on, without dependencies of its own. Installs nothing outside the project except the models,
// which go where speakr looks for them. Does nothing, quickly, when all is there.
//
//   node scripts/bootstrap.mjs                everything
//   node scripts/bootstrap.mjs dependencies   only dependencies and Node (for checks)
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { dependenciesInstalled, installDependencies } from './bootstrap/dependencies.mjs';
import { bundleIsFresh } from './bootstrap/freshness.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { findNode } from './bootstrap/node.mjs';
import { SetupError } from './bootstrap/setup-error.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bundle = path.join(root, 'dist', 'speakr.mjs');
const say = (text) => process.stderr.write(`${text}\n`);

/** The steps of the set-up, in order. `done` is quick and looks at the disk only. */
const steps = {
  dependencies: {
    done: () => dependenciesInstalled(root),
    start: 'Installing dependencies from package-lock.json …',
    run: () => installDependencies(root),
  },
  node: {
    done: () => findNode(root) !== undefined,
  },
  bundle: {
    done: () => bundleIsFresh(root),
    start: 'Building the command line …',
    run: () => runNode([path.join(root, 'scripts', 'build.ts')], 'The command line could not be built.'),
  },
  models: {
    done: () => speakr(['models', 'verify', '--quick', '--quiet']) === 0,
    start: 'Fetching the models …',
    run: () => {
      if (speakr(['models', 'pull']) !== 0) throw new SetupError('The models could not be fetched.');
    },
  },
};

function speakr(args) {
  return spawnSync(findNode(root), [bundle, ...args], { stdio: ['ignore', 2, 2] }).status;
}

function runNode(args, failure) {
  if (spawnSync(findNode(root), args, { cwd: root, stdio: ['ignore', 2, 2] }).status !== 0)
    throw new SetupError(failure);
}

async function bootstrap(names) {
  const wanted = names.map((name) => steps[name]);
  if (wanted.every((step) => step.done())) return;
  await withLock(
    path.join(root, '.cache', 'bootstrap.lock'),
    { onWait: () => say('Waiting for another set-up of this project to finish …') },
    () => {
      for (const step of wanted) {
        if (step.done()) continue;
        say(step.start);
        step.run();
      }
    },
  );
}

const only = process.argv.slice(2);
const unknown = only.find((name) => !(name in steps));
try {
  if (unknown !== undefined) throw new SetupError(`There is no set-up step "${unknown}".`);
  await bootstrap(only.includes('dependencies') ? ['dependencies', 'node'] : Object.keys(steps));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
