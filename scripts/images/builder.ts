import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type RoleName, roleNames } from '../../server/config.ts';
import { hasTool, runTool } from '../release/run-tool.ts';
import { buildBaseExists, makeBuildBase } from './build-base.ts';

/** Images of one role each, `all`, and the provider to try logins with; the targets of deploy/docker/Containerfile. */
export const imageTargets = [...roleNames, 'issuer', 'all'] as const;
export type ImageTarget = RoleName | 'issuer' | 'all';

export interface ImageBuilder {
  readonly name: 'docker' | 'buildah';
  /** Builds one target. @returns the name of the image. @throws Error with what the build said */
  build(target: ImageTarget, labels: { version: string; revision: string }): Promise<string>;
  /** Bytes of an image, uncompressed. */
  size(image: string): number;
}

const OFFICIAL_BASE = 'docker.io/library/node:24-trixie-slim';
const LOCAL_BASE = 'localhost/speakr-build-base:latest';
const CONTAINERFILE = 'deploy/docker/Containerfile';
/** Bytes of what a build may say. */
const MOST_SAID = 64 * 2 ** 20;

export const imageName = (target: ImageTarget) => (target === 'all' ? 'speakr' : `speakr-${target}`);

/** The one that is asked for; else Docker where its engine runs, else Buildah. @throws Error when there is neither */
export function findBuilder(root: string, asked?: string): ImageBuilder {
  if (
    asked !== 'buildah' &&
    hasTool('docker', '--version') &&
    spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0
  )
    return docker(root);
  if (hasTool('buildah', '--version')) return buildah(root);
  throw new Error('Images need Docker, or Buildah with crun (Debian: `apt-get install buildah crun`).');
}

function docker(root: string): ImageBuilder {
  return {
    name: 'docker',
    async build(target, { version, revision }) {
      const image = `${imageName(target)}:${version}`;
      const how = [...argumentsOf(target, version, revision), '--file', CONTAINERFILE, '--tag', image];
      await promisify(execFile)('docker', ['build', ...how, '.'], { cwd: root, maxBuffer: MOST_SAID });
      return image;
    },
    size: (image) => Number(runTool('docker', ['image', 'inspect', '--format', '{{.Size}}', image])),
  };
}

/** Runs Buildah with a store of its own below .cache/. */
export const runBuildah = (root: string, args: readonly string[]): string =>
  runTool('buildah', inStore(root, args), { cwd: root });

function inStore(root: string, args: readonly string[]): string[] {
  const store = path.join(root, '.cache', 'images', 'store');
  const where = ['--root', path.join(store, 'root'), '--runroot', path.join(store, 'run')];
  return ['--storage-driver', 'overlay', ...where, ...args];
}

function buildah(root: string): ImageBuilder {
  let base: string | undefined;
  return {
    name: 'buildah',
    async build(target, { version, revision }) {
      base ??= findBase(root);
      const image = `localhost/${imageName(target)}:${version}`;
      // How npm is set up on this machine, if it is: its registry, its certificates.
      const npmrc = path.join(homedir(), '.npmrc');
      const secrets = existsSync(npmrc) ? [`--secret=id=npmrc,src=${npmrc}`] : [];
      const args = [
        // Two stages at once: one compiles while the other fetches packages.
        ...['bud', '--isolation', 'chroot', '--format', 'docker', '--layers', '--jobs', '2', ...secrets],
        ...['--build-arg', `BUILD_BASE=${base}`, ...argumentsOf(target, version, revision)],
        ...['--file', CONTAINERFILE, '--tag', image, '.'],
      ];
      await promisify(execFile)('buildah', inStore(root, args), { cwd: root, maxBuffer: MOST_SAID });
      return image;
    },
    size(image) {
      const [{ size }] = JSON.parse(runBuildah(root, ['images', '--json', image])) as [{ size: string }];
      const [, amount = '', unit = 'MB'] = /^([\d.]+) (kB|KB|MB|GB)$/.exec(size) ?? [];
      return Number(amount) * { kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'kB' | 'KB' | 'MB' | 'GB'];
    },
  };
}

const argumentsOf = (target: ImageTarget, version: string, revision: string) => [
  ...['--target', target, '--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${revision}`],
];

const hasImage = (root: string, image: string): boolean =>
  spawnSync('buildah', inStore(root, ['inspect', '--type', 'image', image]), { stdio: 'ignore' }).status ===
  0;

/** The official image when it can be pulled, else one made from Debian's packages and this machine's Node and npm. */
function findBase(root: string): string {
  // Only whether it is there: the build pulls it into the store it uses, however long that takes.
  const inspect = ['20', 'buildah', 'manifest', 'inspect', OFFICIAL_BASE];
  if (spawnSync('timeout', inspect, { stdio: 'ignore' }).status === 0) return OFFICIAL_BASE;
  // Made anew it would be another base, and no layer upon it could be used again.
  if (buildBaseExists(root) && hasImage(root, LOCAL_BASE)) return LOCAL_BASE;
  const container = runBuildah(root, ['from', 'scratch']).trim();
  runBuildah(root, ['copy', container, makeBuildBase(root), '/']);
  runBuildah(root, [
    'config',
    '--env',
    'PATH=/usr/local/bin:/usr/bin:/bin',
    '--env',
    'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt',
    container,
  ]);
  runBuildah(root, ['commit', '--rm', container, LOCAL_BASE]);
  return LOCAL_BASE;
}
