import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync } from 'node:fs';
import path from 'node:path';
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
  /** What it has said on stdout. */
  output(): string;
  /** Its exit code, when it has ended; null when it was killed. */
  readonly ended: Promise<number | null>;
  /** Runs its health check beside it. @returns its exit code */
  health(): Promise<number>;
  /** Asks it to end. @returns its exit code, null when it had to be killed */
  stop(graceMs?: number): Promise<number | null>;
}

/** A folder or file of this machine, and where it is inside. */
export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly readOnly?: boolean;
}

export interface ContainOptions {
  readonly root: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  /** Instead of the image's own arguments. */
  readonly command?: readonly string[];
  /** Instead of the image's own health check. */
  readonly health?: readonly string[];
  /** Name of the network namespace it is in; this machine's network when absent. */
  readonly network?: string;
  /** What it reads on stdin; nothing when absent. */
  readonly input?: Buffer;
}

/**
 * Runs an image built by Buildah as a container engine would, without one: as its user, who can become nobody else, its
 * file system read-only but for an empty /tmp, with nothing of this environment.
 */
export function contain({ root, image, env, mounts, ...options }: ContainOptions): Contained {
  const config = readConfig(root, image);
  const container = runBuildah(root, ['from', image]).trim();
  const folder = runBuildah(root, ['mount', container]).trim();
  const [uid = '', gid = uid] = config.user.split(':');
  const contained = runInRoot({
    folder,
    // Nobody inside has the rights to; the file system of an image belongs to root.
    become: ['setpriv', '--no-new-privs', 'chroot', `--userspec=${uid}:${gid}`],
    readOnly: true,
    env: { ...config.env, ...env },
    mounts,
    command: [...config.entrypoint, ...(options.command ?? config.command)],
    health: options.health ?? config.health,
    network: options.network,
    input: options.input,
  });
  return {
    ...contained,
    async stop(graceMs) {
      const code = await contained.stop(graceMs);
      runBuildah(root, ['umount', container]);
      runBuildah(root, ['rm', container]);
      return code;
    },
  };
}

interface RootOptions {
  /** The file system. */
  readonly folder: string;
  /** Program and arguments that enter it; the folder and the command follow. */
  readonly become: readonly string[];
  readonly readOnly: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly command: readonly string[];
  readonly health: readonly string[];
  readonly network?: string | undefined;
  readonly input?: Buffer | undefined;
}

/** Runs a command in a root of its own, with mounts that nobody else sees. */
export function runInRoot(options: RootOptions): Contained {
  const { folder, become, readOnly, env, mounts, network, input } = options;
  const bind = mounts.flatMap(({ from, to, readOnly: sealed = false }) => {
    const make = lstatSync(from).isDirectory() ? `mkdir -p "$0${to}"` : `: >> "$0${to}"`;
    return [
      `mkdir -p "$0${path.posix.dirname(to)}"`,
      make,
      `mount --bind "${from}" "$0${to}"`,
      ...(sealed ? [`mount -o remount,ro,bind "$0${to}"`] : []),
    ];
  });
  const script = [
    'mount --make-rprivate /',
    'mount --bind "$0" "$0"',
    'mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"',
    'mount --rbind /dev "$0/dev"',
    'mount -t proc proc "$0/proc"',
    ...bind,
    ...(readOnly ? ['mount -o remount,ro,bind "$0"'] : []),
    `exec ${become.join(' ')} "$0" "$@"`,
  ].join(' && ');
  const enter = network === undefined ? [] : ['nsenter', `--net=/run/netns/${network}`];
  const start = (command: readonly string[], given?: Buffer) => {
    const [program = '', ...args] = [...enter, 'unshare', '--mount', 'sh', '-c', script, folder, ...command];
    const child = spawn(program, args, {
      stdio: [given === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
    });
    child.stdin?.end(given);
    return child;
  };
  const child = start(options.command, input);
  let text = '';
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    output += part;
  });
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    said: () => text,
    output: () => output,
    ended,
    health: () =>
      new Promise((resolve) => {
        start(options.health).once('exit', (code) => resolve(code ?? 1));
      }),
    async stop(graceMs = 20_000) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const code = await ended;
      clearTimeout(late);
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
        Cmd: string[] | null;
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
    command: Cmd ?? [],
    health: Healthcheck.Test.slice(1),
  };
}
