/**
 * `npm run test:packages`: makes the packages for npm, has publint and attw look at them, installs them into an empty
 * project, and runs what their READMEs show. Needs the npm registry.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { version } from '../cli/version.ts';
import { packPackages } from './release/packages.ts';
import { runTool } from './release/run-tool.ts';

const PUBLINT = 'publint@0.3.25';
const ATTW = '@arethetypeswrong/cli@0.18.5';

const root = path.dirname(import.meta.dirname);
const shell = process.platform === 'win32';
const work = mkdtempSync(path.join(tmpdir(), 'speakr packages '));
const project = path.join(work, 'project');

/** The first JavaScript that a README shows. */
function example(folder: string): string {
  const readme = readFileSync(
    path.join(import.meta.dirname, 'release', 'package-readmes', `${folder}.md`),
    'utf8',
  );
  const found = /```js\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(found !== undefined, `the README of ${folder} has an example`);
  return found;
}

function step(what: string, work: () => void): void {
  work();
  process.stdout.write(`✔ ${what}\n`);
}

try {
  let archives: string[] = [];
  step('packages', () => {
    archives = packPackages(root, path.join(work, 'packages'));
  });
  for (const archive of archives) {
    const name = path.basename(archive);
    step(`publint ${name}`, () =>
      runTool('npm', ['exec', '--yes', `--package=${PUBLINT}`, '--', 'publint', '--strict', archive], {
        shell,
      }),
    );
    // The command line has no types: it is no library.
    if (!/^speakr-\d/.test(name))
      step(`attw ${name}`, () =>
        runTool(
          'npm',
          ['exec', '--yes', `--package=${ATTW}`, '--', 'attw', '--profile', 'esm-only', archive],
          { shell },
        ),
      );
  }
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'package.json'),
    '{ "name": "empty", "private": true, "type": "module" }\n',
  );
  step('they install into an empty project', () =>
    runTool('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...archives], {
      cwd: project,
      shell,
    }),
  );
  const env = {
    ...process.env,
    SPEAKR_DATA_DIR: path.join(work, 'data'),
    SPEAKR_MODELS_DIR:
      process.env.SPEAKR_MODELS_DIR ?? path.join(homedir(), '.local', 'share', 'speakr', 'models'),
    SPEAKR_IDLE_EXIT_MS: '1000',
  };
  const run = (file: string, source: string, more = {}) => {
    writeFileSync(path.join(project, file), source);
    return runTool(process.execPath, [file], { cwd: project, env: { ...env, ...more } });
  };
  step('example of @speakr/contracts', () =>
    assert.equal(run('contracts.js', example('contracts')), 'false\nnot_found 404\n'),
  );
  step('example of @speakr/server', () =>
    assert.match(run('server.js', example('server')), /^http:\/\/127\.0\.0\.1:\d+ \S+\n$/),
  );
  const speakr = (...args: string[]) =>
    runTool('npx', ['--no-install', 'speakr', ...args], { cwd: project, env, shell });
  step('speakr from the package transcribes', () => {
    assert.equal(speakr('--version').trim(), version);
    assert.match(speakr('transcribe', path.join(root, 'samples', 'demo.flac')), /launch the new website/);
  });
  step('example of @speakr/client', () => {
    const runtimeFile = path.join(work, 'data', 'run', 'server.json');
    const { host, port, token } = JSON.parse(readFileSync(runtimeFile, 'utf8')) as Record<string, string>;
    assert.match(
      run('client.js', example('client'), {
        SPEAKR_URL: `http://${host}:${port}`,
        SPEAKR_TOKEN: token ?? '',
      }),
      /^[0-9a-f-]{36} /,
    );
  });
} finally {
  rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
}
