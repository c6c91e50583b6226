import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadConfig } from './config.ts';
import { fakeIo } from './fixtures/fake-io.ts';
import { askForUpdate, isNewer } from './update-notice.ts';
import { latestReleaseOf } from './version.ts';

const directory = mkdtempSync(join(tmpdir(), 'speakr-update-'));
let asked = 0;
let reply = '{"tag_name":"v2.1.0"}';
const server = createServer((_, response) => {
  asked += 1;
  response.end(reply);
});
let url = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/latest`;
});
after(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Case {
  readonly name: string;
  readonly now?: number;
  readonly tty?: boolean;
  readonly env?: Record<string, string>;
  readonly latestRelease?: string;
}

function notice({ name, now = 1e12, tty = true, env = {}, latestRelease }: Case) {
  const all = { SPEAKR_UPDATE_URL: url, XDG_CACHE_HOME: join(directory, name), HOME: directory, ...env };
  const io = fakeIo({ tty, env: all });
  const config = () => loadConfig({ platform: 'linux', env: all, cwd: directory });
  const clock = { now: () => now };
  return askForUpdate({ io, clock, config, current: '2.0.9', latestRelease, patienceMs: 30_000 })();
}

const DAY = 24 * 60 * 60 * 1000;

test('a newer version is said once a day', async () => {
  asked = 0;
  assert.match((await notice({ name: 'a' })) ?? '', /^speakr 2\.1\.0 is there; this is 2\.0\.9\./);
  assert.equal(await notice({ name: 'a', now: 1e12 + DAY - 1 }), undefined);
  assert.equal(asked, 1);
  assert.match((await notice({ name: 'a', now: 1e12 + DAY })) ?? '', /2\.1\.0/);
  assert.equal(asked, 2);
});

test('a released speakr asks where it was released', async () => {
  asked = 0;
  const env = { SPEAKR_UPDATE_URL: '' };
  assert.match((await notice({ name: 'released', env, latestRelease: url })) ?? '', /2\.1\.0/);
  assert.equal(asked, 1);
  assert.equal(
    latestReleaseOf('git+https://github.com/owner/speakr.git'),
    'https://api.github.com/repos/owner/speakr/releases/latest',
  );
  assert.equal(latestReleaseOf('git+https://elsewhere.example/owner/speakr.git'), undefined);
  assert.equal(latestReleaseOf(undefined), undefined);
});

test('nothing is asked in a pipe, in CI, or when it is off', async () => {
  asked = 0;
  assert.equal(await notice({ name: 'b', tty: false }), undefined);
  assert.equal(await notice({ name: 'b', env: { CI: 'true' } }), undefined);
  assert.equal(await notice({ name: 'b', env: { SPEAKR_UPDATE_CHECK: 'off' } }), undefined);
  assert.equal(await notice({ name: 'b', env: { SPEAKR_UPDATE_URL: '' } }), undefined, 'no release');
  assert.equal(asked, 0);
});

test('answers that make no sense, and no answer, are silent', async () => {
  for (const [index, text] of ['{"tag_name":"nightly"}', 'not json', '{"tag_name":"v2.0.9"}'].entries()) {
    reply = text;
    assert.equal(await notice({ name: `c${index}` }), undefined, text);
  }
  assert.equal(await notice({ name: 'd', env: { SPEAKR_UPDATE_URL: 'http://127.0.0.1:9/' } }), undefined);
});

test('versions are compared as numbers', () => {
  assert.ok(isNewer('1.10.0', '1.9.9'));
  assert.ok(isNewer('2.0.0', '1.99.99'));
  assert.equal(isNewer('1.2.3', '1.2.3'), false);
  assert.equal(isNewer('1.2.3', '1.3.0'), false);
});
