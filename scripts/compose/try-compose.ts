/**
 * `npm run test:compose`: does what docs/compose.md says, on a machine without a container engine: runs what each
 * container of deploy/compose would run, with the images of `npm run images`, the order, volumes, ports, users and health
 * checks of the Compose files, in a network of its own. Needs Buildah, iproute2 and root.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { confirmCode } from '../../server/fixtures/code-page.ts';
import { runTool } from '../release/run-tool.ts';
import { freePort } from '../services/port.ts';
import { type ComposeFile, readComposeFiles, readEnvironmentFile, servicesOf } from './compose-file.ts';
import { createContainers } from './containers.ts';

const OURS = 10_001;

const root = path.dirname(path.dirname(import.meta.dirname));
const models = process.env.SPEAKR_MODELS_DIR ?? path.join(homedir(), '.local', 'share', 'speakr', 'models');
const demo = path.join(root, 'samples', 'demo.flac');
const sample = readFileSync(demo);
const program = path.join(root, 'cli', 'bin', 'speakr.cjs');
const done = (text: string) => console.log(`✔ ${text}`);

const work = mkdtempSync(path.join(tmpdir(), 'speakr-compose-'));
cpSync(path.join(root, 'deploy'), path.join(work, 'deploy'), { recursive: true });
const folder = path.join(work, 'deploy', 'compose');
for (const name of ['.env', 'tokens']) rmSync(path.join(folder, name), { force: true });
runTool('sh', [path.join(folder, 'setup.sh')]);
const settings = path.join(folder, '.env');
// Other programs may have the usual ports; the later of two lines counts.
appendFileSync(settings, `SPEAKR_PORT=${await freePort(18_300)}\n`);
appendFileSync(settings, `SPEAKR_ISSUER_PORT=${await freePort(18_400)}\n`);

function readCompose(...names: string[]): ComposeFile {
  const environment = readEnvironmentFile(readFileSync(settings, 'utf8'));
  return readComposeFiles(
    names.map((name) => path.join(folder, name)),
    environment,
  );
}
const setting = (name: string) => readEnvironmentFile(readFileSync(settings, 'utf8'))[name] ?? '';

// Models cannot be fetched everywhere; those that are here are in the volume already.
const volume = path.join(work, 'volumes', 'models');
if (existsSync(models)) cpSync(models, volume, { recursive: true });
runTool('chown', ['-R', `${OURS}:${OURS}`, volume]);

const closers: (() => Promise<void>)[] = [];
function containersOf(compose: ComposeFile) {
  const containers = createContainers({ root, compose, folder, work });
  closers.push(containers.close);
  return containers;
}

try {
  await tryFromNothing();
  await tryAgainWithLogins();
  await tryWhatIsWrong();
} finally {
  for (const close of closers.reverse()) await close();
  rmSync(work, { recursive: true, force: true });
}

/** Secrets, `up --wait`, and a transcript: three commands. */
async function tryFromNothing(): Promise<void> {
  const compose = readCompose('compose.yaml');
  const containers = containersOf(compose);
  const started = performance.now();
  await containers.up(servicesOf(compose));
  done(`everything is healthy after ${((performance.now() - started) / 1000).toFixed(1)} s`);

  const speakr = (...args: string[]) => containers.run('speakr', args);
  const transcribed = await containers.run('speakr', ['transcribe', '-', '-o', 'text'], sample);
  assert.equal(transcribed.code, 0, transcribed.said);
  assert.match(transcribed.output, /launch the new website/);
  const answer = await speakr('query', 'who sends the budget?');
  assert.match(answer.output, /Maria/, answer.said);
  done('docker compose run --rm -T speakr transcribe, and query');

  const fromHere = `http://127.0.0.1:${setting('SPEAKR_PORT')}`;
  const ask = (token: string) =>
    fetch(`${fromHere}/v1/recordings`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await ask(setting('SPEAKR_TOKEN'))).status, 200);
  assert.equal((await ask('another')).status, 401);
  done('the published port of the gateway, with the token and without');

  await containers.down();
  await containers.close();
  done('all of them end on SIGTERM');
}

/** The same volumes with another configuration, as after an upgrade. */
async function tryAgainWithLogins(): Promise<void> {
  const compose = readCompose('compose.yaml', 'compose.oidc.yaml');
  const containers = containersOf(compose);
  await containers.up(servicesOf(compose));
  const answer = await containers.run('speakr', ['query', 'who sends the budget?']);
  assert.match(answer.output, /Maria/, answer.said);
  done('started again: what was recorded is there');

  const server = `http://localhost:${setting('SPEAKR_PORT')}`;
  const home = path.join(work, 'home');
  // Not in one go: published ports are passed on by this process.
  const cli = async (...args: string[]) => {
    const env = { PATH: process.env.PATH, HOME: home, SPEAKR_SERVER: server, SPEAKR_FAILOVER: 'off' };
    return (await promisify(execFile)(process.execPath, [program, ...args], { env })).stdout;
  };
  await logIn(server, home, 'ada');
  assert.match(await cli('whoami'), /^u-/, 'who logged in at the provider');
  assert.doesNotMatch(await cli('query', 'who sends the budget?'), /Maria/);
  done('speakr login with the provider for trying out: another user, who sees nothing of the first');

  await cli('record', '--input', demo, '--no-clipboard', '--pace', 'fast', '--plain');
  assert.match(await cli('query', 'who sends the budget?'), /Maria/);
  const { output } = await containers.run('speakr', ['list', '--json']);
  const { recordings } = JSON.parse(output) as { recordings: unknown[] };
  assert.equal(recordings.length, 1, 'the first user has what was theirs');
  done('the other user records, and finds it; the first sees nothing of that');
  await containers.down();
  await containers.close();
}

async function tryWhatIsWrong(): Promise<void> {
  const good = readFileSync(settings, 'utf8');
  const withLine = (name: string, value: string) => writeFileSync(settings, `${good}${name}=${value}\n`);
  const prepare = async () => {
    const compose = readCompose('compose.yaml');
    const containers = containersOf(compose);
    const error = await containers.up(['postgres', 'nats', 's3', 'prepare', 'gateway']).then(
      () => undefined,
      (reason: Error) => reason.message,
    );
    await containers.down();
    await containers.close();
    return error;
  };
  withLine('NATS_PASSWORD', 'hunter2');
  const weak = await prepare();
  assert.match(weak ?? '', /NATS_URL\) has a weak secret/);
  assert.doesNotMatch(weak ?? '', /hunter2/);
  withLine('NATS_PASSWORD', '');
  assert.throws(() => readCompose('compose.yaml'), /NATS_PASSWORD is missing/);
  done('a weak secret and a missing one: nothing of speakr starts, and the setting is named');

  writeFileSync(settings, good);
  rmSync(path.join(work, 'volumes', 'keys', 'master.key'));
  assert.match((await prepare()) ?? '', /master\.key is missing, and there are recordings/);
  done('a lost master key is not replaced by a new one');
}

/** `speakr login`, and somebody who opens the address it shows. */
async function logIn(server: string, home: string, name: string): Promise<void> {
  const child = spawn(process.execPath, [program, 'login', '--server', server], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home },
  });
  let said = '';
  const address = new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, url] = /^Open (\S+)$/m.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`speakr login: ${said}`)));
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await confirmCode(await address, name);
  assert.equal(await ended, 0, said);
}
