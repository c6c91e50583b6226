/**
 * `npm run release:dry`: a whole release on this machine, of a scratch clone of HEAD and with a key that is thrown away
 * afterwards: version, changelog, executables, every artefact, and then what a user's installer does with them. Nothing
 * is published. What this machine cannot make (executables for macOS elsewhere) is named.
 *
 *   node scripts/release/dry-run.ts [--keep DIRECTORY] [--images DIRECTORY] [--quick]
 *
 * `--quick` compresses little and does not look at sizes, which is most of the time that it takes. `--images build/images`
 * releases container images, too: those that scripts/images/export-images.ts has written there.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { hostTarget, programName, type Target } from '../executable/target.ts';
import type { Release } from './artefact.ts';
import { sha256 } from './checksums.ts';
import { canMakeRoots } from './clean-root.ts';
import { runTool } from './run-tool.ts';
import { publicKeyLine } from './sign.ts';
import { verifyInstallScript } from './verify/install-script.ts';
import { verifyInstallationGuide } from './verify/installation-guide.ts';
import { verifyLinuxPackages } from './verify/linux-packages.ts';
import { verifyImages, verifyManifests, verifySignature, verifySoftwareBill } from './verify/manifests.ts';

/** The limit for a download of one platform, bytes. */
const DOWNLOAD_LIMIT = 45e6;

const root = path.dirname(path.dirname(import.meta.dirname));
const { values } = parseArgs({
  options: {
    keep: { type: 'string' },
    images: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const directory =
  values.keep === undefined ? mkdtempSync(path.join(tmpdir(), 'speakr-dry-')) : path.resolve(values.keep);
const images = values.images === undefined ? undefined : path.resolve(values.images);
const clone = path.join(directory, 'clone');
const output = path.join(directory, 'release');

async function step(what: string, work: () => void | Promise<void>): Promise<void> {
  const started = performance.now();
  await work();
  process.stdout.write(`✔ ${what} (${((performance.now() - started) / 1000).toFixed(0)} s)\n`);
}

const { privateKey } = generateKeyPairSync('ed25519');
const env = {
  ...process.env,
  GITHUB_REPOSITORY: 'OWNER/speakr',
  SPEAKR_RELEASE_KEY: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
};
const node = (script: string, ...args: string[]) =>
  runTool(process.execPath, [path.join(clone, 'scripts', script), ...args], {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

function makeClone(): void {
  runTool('git', ['clone', '--quiet', '--no-local', root, clone]);
  // Workspaces are links relative to it, so the copy is the clone's own.
  cpSync(path.join(root, 'node_modules'), path.join(clone, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  writeFileSync(
    path.join(clone, 'cli', 'release-key.json'),
    `{ "publicKey": "${publicKeyLine(privateKey)}" }\n`,
  );
}

function prepare(): string {
  const found = node('release/prepare.ts').trim();
  const version = found === '' ? node('release/prepare.ts', '--version', '0.0.1').trim() : found;
  const identity = ['-c', 'user.name=Dry run', '-c', 'user.email=dry-run@localhost'];
  runTool('git', [...identity, 'commit', '--quiet', '--all', '--message', `chore(release): ${version}`], {
    cwd: clone,
  });
  const { repository } = JSON.parse(readFileSync(path.join(clone, 'cli', 'package.json'), 'utf8')) as {
    repository?: { url: string };
  };
  assert.equal(repository?.url, 'git+https://github.com/OWNER/speakr.git');
  assert.match(readFileSync(path.join(clone, 'CHANGELOG.md'), 'utf8'), new RegExp(`^## ${version} – `, 'm'));
  return version;
}

const host = hostTarget();
const buildable: Target[] = ['linux-x64', 'linux-arm64', 'windows-x64'];
if (host?.startsWith('macos')) buildable.push(host);

try {
  mkdirSync(directory, { recursive: true });
  await step('a scratch clone', makeClone);
  let version = '';
  await step('version and changelog', () => {
    version = prepare();
  });
  for (const target of buildable)
    await step(
      `executable for ${target}`,
      () => void node('build-binary.ts', '--target', target, '--out', path.join(directory, 'build')),
    );
  await step('the same commit gives the same bytes', () => {
    const again = path.join(directory, 'again');
    node('build-binary.ts', '--target', 'linux-x64', '--out', again);
    const file = path.join('linux-x64', programName('linux-x64'));
    assert.equal(sha256(path.join(again, file)), sha256(path.join(directory, 'build', file)));
    rmSync(again, { recursive: true });
  });
  await step('every artefact', () => {
    const baseUrl = `https://github.com/OWNER/speakr/releases/download/v${version}`;
    const args = ['--binaries', path.join(directory, 'build'), '--out', output, '--base-url', baseUrl];
    if (values.quick) args.push('--quick');
    if (images !== undefined) args.push('--images', images);
    node('release/make-release.ts', ...args, '--targets', buildable.join(','));
  });
  const release = JSON.parse(readFileSync(path.join(output, 'release.json'), 'utf8')) as Release;
  await step('checksums and signature', () => verifySignature(output, release));
  await step('formula, manifest, MSI', () => verifyManifests(output, release));
  await step('list of components', () => verifySoftwareBill(output, release));
  if (images !== undefined)
    await step('digests of the images, and what they are made of', () =>
      verifyImages(output, release, images),
    );
  if (!values.quick)
    await step(`each download is at most ${DOWNLOAD_LIMIT / 1e6} MB`, () => {
      for (const { name, bytes, kind } of release.artefacts)
        if (['archive', 'deb', 'rpm', 'msi'].includes(kind))
          assert.ok(bytes <= DOWNLOAD_LIMIT, `${name} has ${(bytes / 1e6).toFixed(1)} MB`);
    });
  await step('install.sh, as users run it and when things go wrong', () =>
    verifyInstallScript(output, release),
  );
  if (canMakeRoots()) {
    await step('deb and rpm in a clean root', () => verifyLinuxPackages(root, output, release));
    await step('docs/installation.md word for word, in a clean root', () =>
      verifyInstallationGuide(root, output, release),
    );
  } else
    process.stdout.write(
      '– deb, rpm and docs/installation.md in a clean root: needs Debian, debootstrap, and to be run as root\n',
    );
  process.stdout.write(
    `speakr ${version} would be released for ${buildable.join(', ')}. Made elsewhere: macOS, by the workflow.\n`,
  );
} finally {
  if (values.keep === undefined) rmSync(directory, { recursive: true, force: true });
}
