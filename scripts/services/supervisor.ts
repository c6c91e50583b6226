/**
 * A process that starts services when they are asked for and ends them when it is told to, or when the process that
 * started it is gone, however that ended: then the pipe that is its standard input closes.
 *
 *   node scripts/services/supervisor.ts test          fresh data, removed at the end
 *   node scripts/services/supervisor.ts development   data and ports stay, below .cache/services/data
 *
 * It prints the URL at which it is asked: GET /postgres, /nats, /s3.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from './compose.ts';
import { servicesHome } from './home.ts';
import { endPrograms, isAlive, sweep } from './leftovers.ts';
import { type ProvideOptions, provide, type Service } from './provide.ts';

export type ServicesMode = 'test' | 'development';

/** What the supervisor answers. */
export type ServiceAnswer =
  | {
      readonly url: string;
      readonly from: Service['from'];
      /** NATS: an account of its own for whoever asks, where accounts can be made. */
      readonly accountUrl?: string;
    }
  | { readonly missing: string };

const names: readonly ServiceName[] = ['postgres', 'nats', 's3'];

export async function supervise(mode: ServicesMode, home: string): Promise<void> {
  const directory =
    mode === 'development' ? path.join(home, 'data') : path.join(home, 'runs', String(process.pid));
  mkdirSync(directory, { recursive: true });
  sweep(path.join(home, 'runs'));
  if (mode === 'development') claim(directory);
  const options: ProvideOptions = {
    env: process.env,
    programs: path.join(home, 'programs'),
    directory,
    keep: mode === 'development',
  };
  const started = new Map<ServiceName, Promise<Service>>();
  let accounts = 0;

  const answer = async (name: ServiceName): Promise<ServiceAnswer> => {
    const known = started.get(name) ?? provide(name, options);
    started.set(name, known);
    try {
      const { url, from, accountUrl } = await known;
      return { url, from, ...(accountUrl ? { accountUrl: accountUrl(accounts++) } : {}) };
    } catch (error) {
      return { missing: (error as Error).message };
    }
  };

  const server = createServer(async (request, response) => {
    const name = names.find((each) => request.url === `/${each}`);
    response.setHeader('content-type', 'application/json');
    if (name === undefined) response.writeHead(404).end('{}');
    else response.end(JSON.stringify(await answer(name)));
  });

  let isLeaving = false;
  const leave = async () => {
    if (isLeaving) return;
    isLeaving = true;
    server.close();
    await Promise.allSettled([...started.values()].map(async (service) => (await service).stop()));
    rmSync(mode === 'test' ? directory : path.join(directory, 'supervisor'), {
      recursive: true,
      force: true,
      maxRetries: 5,
    });
    process.exit(0);
  };
  process.stdin
    .on('end', () => void leave())
    .on('error', () => void leave())
    .resume();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave());

  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    process.stdout.write(`http://127.0.0.1:${port}\n`);
  });
}

/** Kept data belong to one supervisor at a time. What one left running that was killed is ended. */
function claim(directory: string): void {
  const file = path.join(directory, 'supervisor');
  const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  if (owner !== undefined && isAlive(owner)) {
    process.stderr.write(`The services run already (process ${owner}).\n`);
    process.exit(1);
  }
  endPrograms(directory);
  writeFileSync(file, String(process.pid));
}

if (import.meta.main) {
  const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
  const mode = process.argv[2] === 'development' ? 'development' : 'test';
  await supervise(mode, servicesHome(root));
}
