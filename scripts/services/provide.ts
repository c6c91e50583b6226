import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { composeAnswers, type ServiceName, startInCompose } from './compose.ts';
import { natsConfiguration, natsUrls, startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import { S3_DEVELOPMENT_KEYS, startS3 } from './s3.ts';

/** A service that answers. */
export interface Service {
  readonly url: string;
  readonly from: 'environment' | 'docker' | 'program';
  /** URL of NATS account n of its own; absent where accounts are not ours to make. */
  accountUrl?(n: number): string;
  stop(): Promise<void>;
}

export interface ProvideOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of downloaded programs. */
  readonly programs: string;
  /** Folder for data and logs. */
  readonly directory: string;
  /** Whether data and ports stay for the next start. */
  readonly keep: boolean;
  /** Asked once for each service. */
  readonly docker?: () => Promise<boolean>;
}

/** Variables that name a service which is there already. */
export const VARIABLES: Record<ServiceName, string> = {
  postgres: 'DATABASE_URL',
  nats: 'NATS_URL',
  s3: 'S3_ENDPOINT',
};

/** What `npm run services` takes when it is free, so that an exported URL fits the next day too. */
const USUAL_PORTS: Record<ServiceName, number> = { postgres: 15_432, nats: 14_222, s3: 17_070 };

/**
 * A service: the one of the environment, else in Docker, else as a program of its own.
 * @throws Error in words for the person at the keyboard
 */
export async function provide(name: ServiceName, options: ProvideOptions): Promise<Service> {
  const { env, programs, directory, keep, docker = composeAnswers } = options;
  const given = env[VARIABLES[name]];
  if (given) return { url: given, from: 'environment', stop: async () => {} };
  const port = keep ? USUAL_PORTS[name] : undefined;
  if (await docker()) return inDocker(name, port, options);
  const places = { programs, directory, port };
  const start = {
    postgres: () => startPostgres({ ...places, durable: keep }),
    nats: () => startNats(places),
    s3: () => startS3(places),
  }[name];
  return Object.assign(await start(), { from: 'program' as const });
}

async function inDocker(
  name: ServiceName,
  port: number | undefined,
  { directory, keep }: ProvideOptions,
): Promise<Service> {
  const config = path.join(directory, 'nats.conf');
  mkdirSync(directory, { recursive: true });
  writeFileSync(config, natsConfiguration('0.0.0.0:4222', '/data'));
  const started = await startInCompose(name, {
    // Names of containers: what runs for a test must not be what a developer has running.
    project: keep ? 'speakr' : `speakr-${name}-${process.pid}`,
    port,
    keep,
    variables: {
      SPEAKR_NATS_CONFIG: config,
      SPEAKR_S3_ACCESS_KEY: S3_DEVELOPMENT_KEYS.accessKeyId,
      SPEAKR_S3_SECRET_KEY: S3_DEVELOPMENT_KEYS.secretAccessKey,
    },
  });
  const urls = {
    postgres: () => ({ url: `postgres://postgres:speakr@127.0.0.1:${started.port}/postgres` }),
    nats: () => natsUrls(started.port),
    s3: () => ({ url: `http://127.0.0.1:${started.port}` }),
  }[name];
  return { ...urls(), from: 'docker', stop: started.stop };
}
