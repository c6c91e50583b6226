import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostTarget } from '../../executable/target.ts';
import { archiveFor, type Release } from '../artefact.ts';
import { CHECKSUMS, SIGNATURE } from '../checksums.ts';
import { runTool } from '../run-tool.ts';
import { type DownloadServerOptions, startDownloadServer } from './download-server.ts';

/** What an earlier speakr would be. */
const OLD = '#!/bin/sh\necho old\n';

interface Finished {
  readonly code: number | null;
  readonly said: string;
}

/** Runs install.sh of the release in `folder` as users would, in many circumstances. @throws AssertionError */
export async function verifyInstallScript(folder: string, release: Release): Promise<void> {
  const target = hostTarget();
  assert.ok(target !== undefined);
  const archive = archiveFor(release, target).name;
  const home = mkdtempSync(path.join(tmpdir(), 'speakr install ünd '));
  const bin = path.join(home, '.local', 'bin');
  const program = path.join(bin, 'speakr');

  const start = (env: Record<string, string | undefined>) =>
    spawn('sh', [path.join(folder, 'install.sh')], {
      env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
  const install = async (
    options: DownloadServerOptions = {},
    env: Record<string, string | undefined> = {},
  ) => {
    await using server = await startDownloadServer(folder, options);
    const child = start({ SPEAKR_BASE_URL: server.url, ...env });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    // Awaited here: the server has to be there until then.
    return await new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ code, said })));
  };
  const refuses = async (because: RegExp, options: DownloadServerOptions, env = {}) => {
    mkdirSync(bin, { recursive: true });
    writeFileSync(program, OLD, { mode: 0o755 });
    const { code, said } = await install(options, env);
    assert.equal(code, 1, said);
    assert.match(said, because);
    assert.equal(runTool(program, []), 'old\n', 'what was there before still works');
    assert.deepEqual(readdirSync(bin), ['speakr'], 'nothing else is left behind');
    assert.deepEqual(readdirSync(home), ['.local']);
  };

  try {
    const first = await install();
    assert.equal(first.code, 0, first.said);
    assert.equal(runTool(program, ['--version']).trim(), release.version);
    assert.match(first.said, /not on your PATH/);
    writeFileSync(program, OLD);
    assert.equal((await install()).code, 0, 'it replaces an older one');
    assert.equal(runTool(program, ['--version']).trim(), release.version);

    const changed = readFileSync(path.join(folder, archive));
    changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
    await refuses(/its checksum is wrong/, { tamper: { name: archive, with: changed } });
    const sums = readFileSync(path.join(folder, CHECKSUMS), 'utf8').replace(/^[0-9a-f]/gm, 'f');
    await refuses(/the signature of the checksums is wrong/, {
      tamper: { name: CHECKSUMS, with: Buffer.from(sums) },
    });
    await refuses(/the signature of the checksums is wrong/, {
      tamper: { name: SIGNATURE, with: Buffer.from('rubbish') },
    });
    await refuses(/could not be downloaded/, { cutOff: archive });
    await refuses(/HOME is not set/, {}, { HOME: undefined });
    await refuses(/cannot be (made|written to)/, {}, { SPEAKR_INSTALL_DIR: '/proc/1/nowhere' });

    if (target === 'linux-x64' && release.artefacts.some((each) => each.target === 'linux-arm64')) {
      // A program for another processor, as if this were one.
      const fake = mkdtempSync(path.join(tmpdir(), 'speakr-uname-'));
      writeFileSync(path.join(fake, 'uname'), '#!/bin/sh\n[ "$1" = -m ] && echo aarch64 || echo Linux\n', {
        mode: 0o755,
      });
      await refuses(/it does not run here/, {}, { PATH: `${fake}:${process.env.PATH}` });
      rmSync(fake, { recursive: true });
    }
    await interrupted(folder, archive, start);
    assert.equal(runTool(program, []), 'old\n', 'an installation that is killed leaves the old one');
    assert.deepEqual(readdirSync(bin), ['speakr']);
  } finally {
    chmodSync(home, 0o700);
    rmSync(home, { recursive: true, force: true });
  }
  assert.ok(!existsSync(home));
}

/** Ends the installer while it downloads. */
async function interrupted(
  folder: string,
  archive: string,
  start: (env: Record<string, string>) => ReturnType<typeof spawn>,
): Promise<void> {
  const waiting = Promise.withResolvers<void>();
  await using server = await startDownloadServer(folder, {
    stall: { name: archive, onWaiting: waiting.resolve },
  });
  const child = start({ SPEAKR_BASE_URL: server.url });
  const closed = new Promise((resolve) => child.on('close', resolve));
  await waiting.promise;
  // As Ctrl-C does: to everything that runs in the terminal.
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  await closed;
}
