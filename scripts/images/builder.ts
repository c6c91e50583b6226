import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import path from 'node:path';
import { type RoleName, roleNames } from '../../server/config.ts';
import { hasTool, runTool } from '../release/run-tool.ts';
import { makeBuildBase } from './build-base.ts';

/** Images of one role each, `all`, and the provider to try logins with; the targets of deploy/docker/Containerfile. */
export const imageTargets = [...roleNames, 'issuer', 'all'] as const;
export type ImageTarget = RoleName | 'issuer' | 'all';

export interface ImageBuilder {
  readonly name: 'docker' | 'buildah';
  /** Builds one target. @returns the name of the image. @throws Error with what the build said */
  build(target: ImageTarget, labels: { version: string; revision: string }): string;
  /** Bytes of an image, uncompressed. */
  size(image: string): number;
}

const OFFICIAL_BASE = 'docker.io/library/node:24-bookworm-slim';
const LOCAL_BASE = 'localhost/speakr-build-base:latest';
const CONTAINERFILE = 'deploy/docker/Containerfile';

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
    build(target, { version, revision }) {
      const image = `${imageName(target)}:${version}`;
      runTool(
        'docker',
        ['build', '--file', CONTAINERFILE, ...argumentsOf(target, version, revision), '--tag', image, '.'],
        {
          cwd: root,
        },
      );
      return image;
    },
    size: (image) => Number(runTool('docker', ['image', 'inspect', '--format', '{{.Size}}', image])),
  };
}

/** Runs Buildah with a store of its own below .cache/. */
export function runBuildah(root: string, args: readonly string[]): string {
  const store = path.join(root, '.cache', 'images', 'store');
  const where = ['--root', path.join(store, 'root'), '--runroot', path.join(store, 'run')];
  return runTool('buildah', ['--storage-driver', 'overlay', ...where, ...args], { cwd: root });
}

function buildah(root: string): ImageBuilder {
  const run = (...args: string[]) => runBuildah(root, args);
  let base: string | undefined;
  return {
    name: 'buildah',
    build(target, { version, revision }) {
      base ??= findBase(root);
      const image = `localhost/${imageName(target)}:${version}`;
      // How npm is set up on this machine: its registry, its certificates.
      const npmrc = `--secret=id=npmrc,src=${path.join(homedir(), '.npmrc')}`;
      run(
        ...['bud', '--isolation', 'chroot', '--format', 'docker', '--layers', npmrc],
        ...['--build-arg', `BUILD_BASE=${base}`, ...argumentsOf(target, version, revision)],
        ...['--file', CONTAINERFILE, '--tag', image, '.'],
      );
      return image;
    },
    size(image) {
      const [{ size }] = JSON.parse(run('images', '--json', image)) as [{ size: string }];
      const [, amount = '', unit = 'MB'] = /^([\d.]+) (kB|KB|MB|GB)$/.exec(size) ?? [];
      return Number(amount) * { kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 }[unit as 'kB' | 'KB' | 'MB' | 'GB'];
    },
  };
}

const argumentsOf = (target: ImageTarget, version: string, revision: string) => [
  ...['--target', target, '--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${revision}`],
];

/** The official image when it can be pulled, else one made from Debian's packages and this machine's Node and npm. */
function findBase(root: string): string {
  // Only whether it is there: the build pulls it into the store it uses, however long that takes.
  const inspect = ['20', 'buildah', 'manifest', 'inspect', OFFICIAL_BASE];
  if (spawnSync('timeout', inspect, { stdio: 'ignore' }).status === 0) return OFFICIAL_BASE;
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
