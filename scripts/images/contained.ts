import { type ChildProcess, spawn } from 'node:child_process';
import { runBuildah } from './builder.ts';

/** How an image says it is to be run. */
interface ImageConfig {
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly health: readonly string[];
}

export interface Contained {
  readonly child: ChildProcess;
  /** Everything it has said on stdout and stderr. */
  said(): string;
  /** Runs the image's health check beside it. @returns its exit code */
  health(): Promise<number>;
  /** Asks it to end. @returns its exit code, null when it had to be killed */
  stop(graceMs?: number): Promise<number | null>;
}

export interface ContainOptions {
  readonly root: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine and where they are inside. */
  readonly mounts: Readonly<Record<string, string>>;
}

/**
 * Runs an image built by Buildah as a container engine would, without one: as its user, who can become nobody else, its
 * file system read-only but for an empty /tmp, with nothing of this environment.
 */
export function contain({ root, image, env, mounts }: ContainOptions): Contained {
  const config = readConfig(root, image);
  const container = runBuildah(root, ['from', image]).trim();
  const folder = runBuildah(root, ['mount', container]).trim();
  const bind = Object.entries(mounts).map(
    ([from, to]) => `mkdir -p "$0${to}" 2>/dev/null; mount --bind "${from}" "$0${to}"`,
  );
  const script = [
    'mount --make-rprivate /',
    'mount --bind "$0" "$0"',
    'mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"',
    'mount --rbind /dev "$0/dev"',
    'mount -t proc proc "$0/proc"',
    ...bind,
    'mount -o remount,ro,bind "$0"',
    `exec setpriv --no-new-privs chroot --userspec=${config.user} "$0" "$@"`,
  ].join(' && ');
  const start = (command: readonly string[]) =>
    spawn('unshare', ['--mount', 'sh', '-c', script, folder, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...config.env, ...env },
    });
  const child = start([...config.entrypoint, ...config.command]);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    child,
    said: () => text,
    health: () =>
      new Promise((resolve) => {
        start(config.health).once('exit', (code) => resolve(code ?? 1));
      }),
    async stop(graceMs = 20_000) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const code = await ended;
      clearTimeout(late);
      runBuildah(root, ['umount', container]);
      runBuildah(root, ['rm', container]);
      return code;
    },
  };
}

function readConfig(root: string, image: string): ImageConfig {
  const { Docker } = JSON.parse(runBuildah(root, ['inspect', '--type', 'image', image])) as {
    Docker: {
      config: {
        User: string;
        Env: string[];
        Entrypoint: string[];
        Cmd: string[];
        Healthcheck: { Test: string[] };
      };
    };
  };
  const { User, Env, Entrypoint, Cmd, Healthcheck } = Docker.config;
  return {
    user: User,
    env: Object.fromEntries(
      Env.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
    ),
    entrypoint: Entrypoint,
    command: Cmd,
    health: Healthcheck.Test.slice(1),
  };
}
