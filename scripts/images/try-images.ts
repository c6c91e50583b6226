/**
 * `npm run test:images`: runs the images of `npm run images` as a container engine would, one process a role, against
 * real services, and does the main job with two users. Needs Buildah and root; no engine.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { roleNames } from '../../server/config.ts';
import { startServices } from '../services/client.ts';
import { developmentToken, hostedEnvironment } from '../services/hosted-environment.ts';
import { freePort } from '../services/port.ts';
import { type ImageTarget, imageName } from './builder.ts';
import { type Contained, contain } from './contained.ts';
import { soundFiles } from './sound-files.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const [ada, bob] = ['ada', 'bob'] as const;
/** The user of the images. */
const UID = 10_001;
const SECRETS = '/tmp/secrets';
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const models = process.env.SPEAKR_MODELS_DIR ?? path.join(homedir(), '.local', 'share', 'speakr', 'models');

const done = (text: string) => console.log(`✔ ${text}`);
const work = mkdtempSync(path.join(tmpdir(), 'speakr-images-'));
const services = await startServices('test');
const running: { role: ImageTarget; process: Contained; operations: number }[] = [];
try {
  const secrets = path.join(work, 'secrets');
  const environment = await hostedEnvironment({ services, secrets, users: [ada, bob], uid: UID });
  const inside = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(secrets, SECRETS)]),
  );
  const compiled = contain({
    root,
    image: `localhost/${imageName('all')}:${version}`,
    env: { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
    mounts: [],
    command: ['list', '--help'],
  });
  await compiled.ended;
  const taken = [...compiled.said().matchAll(/chunk-\S+ was accepted/g)].length;
  const missed = [...compiled.said().matchAll(/chunk-\S+ was not initialized/g)].length;
  await compiled.stop();
  assert.ok(taken > 10 && missed === 0, `${taken} chunks come compiled, ${missed} do not`);
  done('the bundle comes compiled');

  let gateway = '';
  for (const role of roleNames) {
    const port = await freePort(19_000);
    const operations = await freePort(port + 1);
    if (role === 'gateway') gateway = `http://127.0.0.1:${port}`;
    const process = contain({
      root,
      image: `localhost/${imageName(role)}:${version}`,
      env: {
        ...inside,
        SPEAKR_PORT: String(port),
        SPEAKR_OPERATIONS_PORT: String(operations),
        SPEAKR_HOST: '127.0.0.1',
        SPEAKR_OPERATIONS_HOST: '127.0.0.1',
      },
      mounts: [
        { from: secrets, to: SECRETS },
        { from: models, to: '/models', readOnly: true },
      ],
    });
    const started = performance.now();
    running.push({ role, process, operations });
    await answers(`http://127.0.0.1:${operations}/ready`, process);
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    const status = readFileSync(`/proc/${process.child.pid}/status`, 'utf8');
    assert.match(status, new RegExp(`^Uid:\\s+${UID}\\s+${UID}\\s`, 'm'));
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    const mounts = readFileSync(`/proc/${process.child.pid}/mountinfo`, 'utf8');
    assert.match(mounts, /^\d+ \d+ \S+ \S+ \/ ro[ ,]/m, 'its file system is read-only');
    assert.equal(await process.health(), 0, `health check of ${role}`);
    done(`${role}: ready after ${seconds} s, user ${UID} without capabilities, healthy`);
  }

  const sample = path.join(root, 'samples', 'demo.flac');
  const transcribed = cli(gateway, ada, 'transcribe', sample, '-o', 'text');
  assert.match(transcribed, /launch the new website/);
  cli(gateway, ada, 'record', '--input', sample, '--no-clipboard', '--pace', 'fast', '--plain');
  assert.match(cli(gateway, ada, 'query', 'who sends the budget?'), /Maria/);
  assert.equal(cli(gateway, ada, 'list', '--json').includes('"id"'), true);
  assert.equal(cli(gateway, bob, 'list').trim(), '');
  assert.doesNotMatch(cli(gateway, bob, 'query', 'who sends the budget?'), /Maria/);
  done('two users: one transcribes, records and asks, the other sees nothing of it');

  const uploaded = new Map<string, string>();
  for (const [name, bytes] of soundFiles(sample)) {
    const upload = await ask(gateway, ada, `/v1/uploads?name=${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    uploaded.set(name, (upload as { recordingId: string }).recordingId);
  }
  for (const [name, recordingId] of uploaded) {
    const state = await endOf(gateway, ada, recordingId);
    assert.equal(state, 'ready', name);
    const transcript = JSON.stringify(await ask(gateway, ada, `/v1/recordings/${recordingId}/transcript`));
    assert.match(transcript, /website/i, `${name}: ${transcript}`);
  }
  const recording = `/v1/recordings/${[...uploaded.values()][0]}`;
  await assert.rejects(ask(gateway, bob, recording), /404/);
  done(`files of ${uploaded.size} formats that are uploaded become recordings, of who uploaded them`);

  for (const { role, process } of running.splice(0).reverse()) {
    assert.equal(await process.stop(), 0, `${role} ends with 0 when it is asked to:\n${process.said()}`);
  }
  done('every role drains and ends on SIGTERM');
} finally {
  for (const { process } of running) await process.stop(1000).catch(() => {});
  await services.stop();
  rmSync(work, { recursive: true, force: true });
}

async function answers(url: string, process: Contained): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    if (process.child.exitCode !== null) throw new Error(`It ended at once:\n${process.said()}`);
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(10);
  }
  throw new Error(`${url} did not answer in half a minute:\n${process.said()}`);
}

/** The state in which a recording ends. */
async function endOf(server: string, user: string, id: string): Promise<string | undefined> {
  for (const end = performance.now() + 120_000; performance.now() < end; await sleep(100)) {
    const { state } = (await ask(server, user, `/v1/recordings/${id}`).catch(() => ({}))) as {
      state?: string;
    };
    if (state === 'ready' || state === 'failed') return state;
  }
  return undefined;
}

/** @throws Error with the status when it is not a good one */
async function ask(server: string, user: string, where: string, init: RequestInit = {}): Promise<unknown> {
  const headers = { ...init.headers, authorization: `Bearer ${developmentToken(user)}` };
  const response = await fetch(`${server}${where}`, { ...init, headers });
  if (!response.ok) throw new Error(`${where}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** A command against the server, with a folder of its own. @throws Error when it fails */
function cli(server: string, user: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'cli', 'bin', 'speakr.cjs'), ...args],
    {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        HOME: path.join(work, user),
        SPEAKR_SERVER: server,
        SPEAKR_TOKEN: developmentToken(user),
        SPEAKR_FAILOVER: 'off',
      },
    },
  );
  assert.equal(status, 0, `speakr ${args.join(' ')}:\n${stderr}`);
  return stdout;
}
