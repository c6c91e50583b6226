import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { preparePostgres } from '../../server/fixtures/postgres-database.ts';
import { tokenLine } from '../../server/gateway/identity/token-file.ts';
import { ensureBucket } from '../../server/storage/s3-storage.ts';
import { askFor, type Services } from './client.ts';
import type { ServiceName } from './compose.ts';
import { S3_DEVELOPMENT_KEYS } from './s3.ts';

export interface HostedEnvironmentOptions {
  readonly services: Services;
  /** Folder for the master key and the tokens; made when it is missing. */
  readonly secrets: string;
  readonly users: readonly string[];
  /** Who the processes run as, when not as this user. */
  readonly uid?: number;
}

/** The token of a development user. */
export const developmentToken = (user: string) => `${user}-token`;

/**
 * Prepares database, bucket and users for the hosted profile.
 * @returns the environment of its processes, but for roles and ports; paths below `secrets` as they are outside
 * @throws Error when a service cannot be had
 */
export async function hostedEnvironment({
  services,
  secrets,
  users,
  uid,
}: HostedEnvironmentOptions): Promise<Record<string, string>> {
  const urlOf = async (name: ServiceName): Promise<string> => {
    const answer = await askFor(services.url, name);
    if ('url' in answer) return answer.url;
    throw new Error(`There is no ${name}: ${answer.missing}.`);
  };
  mkdirSync(secrets, { recursive: true });
  const [databaseUrl, natsUrl, s3Endpoint] = await Promise.all([
    urlOf('postgres'),
    urlOf('nats'),
    urlOf('s3'),
  ]);
  const {
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_REGION = 'us-east-1',
    S3_BUCKET = 'speakr',
  } = process.env;
  const bucket = {
    endpoint: s3Endpoint,
    region: AWS_REGION,
    bucket: S3_BUCKET,
    accessKeyId: AWS_ACCESS_KEY_ID ?? S3_DEVELOPMENT_KEYS.accessKeyId,
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? S3_DEVELOPMENT_KEYS.secretAccessKey,
  };
  const database = await preparePostgres(databaseUrl);
  await ensureBucket(bucket);
  const tokensFile = path.join(secrets, 'tokens');
  writeFileSync(tokensFile, users.map((user) => tokenLine(user, developmentToken(user))).join(''), {
    mode: 0o600,
  });
  if (uid !== undefined) for (const each of [secrets, tokensFile]) chownSync(each, uid, uid);
  return {
    MALLOC_ARENA_MAX: '2',
    SPEAKR_PROFILE: 'hosted',
    DATABASE_URL: database.app,
    DATABASE_WORKER_URL: database.worker,
    NATS_URL: natsUrl,
    S3_ENDPOINT: bucket.endpoint,
    S3_BUCKET: bucket.bucket,
    AWS_REGION: bucket.region,
    AWS_ACCESS_KEY_ID: bucket.accessKeyId,
    AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    SPEAKR_MASTER_KEY_FILE: path.join(secrets, 'master.key'),
    SPEAKR_TOKENS_FILE: tokensFile,
  };
}
