import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testNats, testPostgres } from '../../server/fixtures/services.ts';
import { until } from '../until.ts';
import { servicesHome } from './home.ts';
import { isAlive, sweep } from './leftovers.ts';
import { provide } from './provide.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const programs = path.join(servicesHome(path.dirname(path.dirname(here))), 'programs');
const nats = await testNats();
const postgres = await testPostgres();

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-services-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A process of its own that has NATS started, and says its process id. */
async function processWithNats(t: TestContext) {
  const child = spawn(process.execPath, [path.join(here, 'fixtures', 'nats-user.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NATS_URL: undefined, PATH: folderWithout('docker', t) },
  });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const { natsPid, directory } = JSON.parse(line) as { natsPid: number; directory: string };
  return { child, natsPid, directory };
}

/** A PATH on which a program is one that fails. */
function folderWithout(program: string, t: TestContext): string {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, program), '#!/bin/sh\nexit 1\n');
  chmodSync(path.join(folder, program), 0o755);
  return `${folder}${path.delimiter}${process.env.PATH}`;
}

async function gone(pid: number): Promise<void> {
  await until('it has ended', () => !isAlive(pid));
}

describe('services', () => {
  it('end, with their data, when the process that started them is killed', {
    skip: nats.missing,
  }, async (t) => {
    const { child, natsPid, directory } = await processWithNats(t);
    assert.ok(isAlive(natsPid));
    child.kill('SIGKILL');
    await gone(natsPid);
    await until('its folder is gone', () => !existsSync(directory));
  });

  it('of a supervisor that was killed are ended by the next', { skip: nats.missing }, async (t) => {
    const { natsPid, directory } = await processWithNats(t);
    process.kill(Number(path.basename(directory)), 'SIGKILL');
    await gone(Number(path.basename(directory)));
    assert.ok(isAlive(natsPid));
    sweep(path.dirname(directory));
    await gone(natsPid);
    assert.ok(!existsSync(directory));
  });

  it('of the environment are taken as they are', async (t) => {
    const service = await provide('postgres', {
      env: { DATABASE_URL: 'postgres://elsewhere/speakr' },
      programs,
      directory: temporaryFolder(t),
      keep: false,
      docker: () => assert.fail('Docker was asked'),
    });
    assert.equal(service.url, 'postgres://elsewhere/speakr');
    assert.equal(service.from, 'environment');
  });

  it('come from Docker where an engine answers, and are taken down with their volumes', async (t) => {
    const folder = temporaryFolder(t);
    const log = path.join(folder, 'log');
    writeFileSync(
      path.join(folder, 'docker'),
      `#!/bin/sh\necho "$SPEAKR_NATS_PORT $(test -f "$SPEAKR_NATS_CONFIG" && echo configured) $*" >> ${log}\n`,
    );
    chmodSync(path.join(folder, 'docker'), 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${folder}${path.delimiter}${before}`;
    t.after(() => {
      process.env.PATH = before;
    });
    const service = await provide('nats', { env: {}, programs, directory: folder, keep: false });
    const port = new URL(service.url).port;
    assert.equal(service.from, 'docker');
    await service.stop();
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const project = `--project-name speakr-nats-${process.pid} --file ${path.join(here, 'compose.yaml')}`;
    assert.deepEqual(lines.slice(-2), [
      `${port} configured compose ${project} up --detach --wait nats`,
      `${port} configured compose ${project} down --volumes`,
    ]);
  });

  it('give each test a database of its own', { skip: postgres.missing }, async () => {
    const [one, two] = [await postgres.createDatabase(), await postgres.createDatabase()];
    assert.notEqual(one.url, two.url);
    await one.drop();
    await two.drop();
  });
});
