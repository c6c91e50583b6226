import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { Release } from '../artefact.ts';
import { cleanRoot, copyOfRoot, insideRoot } from '../clean-root.ts';
import { startDownloadServer } from './download-server.ts';

const GUIDE = 'docs/installation.md';
/** Where the guide says that releases are. */
const RELEASES = 'https://github.com/OWNER/speakr/releases/latest/download';

/** The first code block below a heading of the guide. */
export function stepsOf(guide: string, heading: string): string {
  const at = guide.indexOf(`\n## ${heading}\n`);
  assert.ok(at >= 0, `the guide has a section "${heading}"`);
  const steps = /\n```\n([\s\S]*?)\n```\n/.exec(guide.slice(at))?.[1];
  assert.ok(steps !== undefined, `"${heading}" has steps`);
  return steps;
}

/**
 * Follows the installation guide word for word on a Debian with nothing else on it, by the package and by the
 * installer, and transcribes the first recording. Only addresses are changed: the release is the one in `folder`, and
 * models come from this machine when it has them. @throws AssertionError
 */
export async function verifyInstallationGuide(root: string, folder: string, release: Release): Promise<void> {
  const guide = readFileSync(path.join(root, GUIDE), 'utf8');
  const models = process.env.SPEAKR_MODELS_DIR ?? path.join(homedir(), '.local', 'share', 'speakr', 'models');
  await using server = await startDownloadServer(folder);
  await using mirror = await startDownloadServer(models, { deep: true });
  const env = {
    SPEAKR_BASE_URL: server.url,
    // The background server leaves before its root does.
    SPEAKR_IDLE_EXIT_MS: '1000',
    ...(existsSync(models) ? { SPEAKR_MODELS_MIRROR: mirror.url } : {}),
  };
  const deb = release.artefacts.find(({ kind, target }) => kind === 'deb' && target === 'linux-x64')?.name;
  assert.ok(deb !== undefined, 'the release has a package');

  const ways = [
    { heading: 'Debian and Ubuntu, step by step', packages: [], file: deb },
    {
      heading: 'Any Linux, step by step',
      packages: ['ca-certificates', 'curl', 'xz-utils', 'openssh-client', 'ffmpeg'],
      file: undefined,
    },
  ];
  for (const { heading, packages, file } of ways) {
    const work = mkdtempSync(path.join(tmpdir(), 'speakr-guide-'));
    try {
      const system = copyOfRoot(cleanRoot(root, 'bookworm', packages), path.join(work, 'root'));
      // Whoever reads the guide says yes.
      writeFileSync(path.join(system, 'etc', 'apt', 'apt.conf.d', '99yes'), 'APT::Get::Assume-Yes "true";\n');
      if (file !== undefined) copyFileSync(path.join(folder, file), path.join(system, 'srv', file));
      copyFileSync(path.join(root, 'samples', 'demo.flac'), path.join(system, 'srv', 'demo.flac'));
      const steps = stepsOf(guide, heading).replaceAll(RELEASES, server.url);
      const script = `set -eu\ncd /srv\n${steps}\necho READY\nspeakr transcribe demo.flac\nspeakr notes last\n`;
      writeFileSync(path.join(system, 'srv', 'steps.sh'), script);
      const started = performance.now();
      const said = await insideRoot(system, ['sh', '/srv/steps.sh'], env);
      assert.match(said, new RegExp(`^${release.version.replaceAll('.', '\\.')}$`, 'm'), 'speakr --version');
      const [, first = ''] = said.split('READY\n');
      assert.match(first, /launch the new website/, heading);
      assert.match(first, /^## /m, 'there are notes');
      const seconds = (performance.now() - started) / 1000;
      process.stdout.write(`  ${heading}: first notes after ${seconds.toFixed(0)} s, downloads included\n`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}
