import { access } from 'node:fs/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import pg from 'pg';
import type { ServerSettings } from '../config.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { secretOf } from '../secret.ts';
import { ensureBucket } from '../storage/s3-storage.ts';
import { translatePostgresError } from '../store/postgres-errors.ts';
import { migratePostgres } from '../store/postgres-migrate.ts';
import { postgresMigrations } from '../store/postgres-migrations.ts';

/** Shorter ones can be guessed, and those of an example that was copied are known. */
const SHORTEST_SECRET = 16;
const OF_AN_EXAMPLE = /change.?me/i;

/** Secrets of the services, by the setting that holds them. */
async function secretsOf(settings: ServerSettings) {
  return {
    databaseMigrationUrl: await secretOf(settings.databaseMigrationUrl, settings.databaseMigrationUrlFile),
    databaseUrl: await secretOf(settings.databaseUrl, settings.databaseUrlFile),
    databaseWorkerUrl: await secretOf(settings.databaseWorkerUrl, settings.databaseWorkerUrlFile),
    s3SecretKey: await secretOf(settings.s3SecretKey, settings.s3SecretKeyFile),
  };
}

/** Looks at the passwords of all services. @throws SpeakrError `config_invalid`, with the setting of a weak one */
export async function demandStrongSecrets(settings: ServerSettings): Promise<void> {
  const secrets = await secretsOf(settings);
  demandStrong('databaseMigrationUrl (DATABASE_MIGRATION_URL)', passwordOf(secrets.databaseMigrationUrl));
  demandStrong('databaseUrl (DATABASE_URL)', passwordOf(secrets.databaseUrl));
  demandStrong('databaseWorkerUrl (DATABASE_WORKER_URL)', passwordOf(secrets.databaseWorkerUrl));
  demandStrong('natsUrl (NATS_URL)', passwordOf(settings.natsUrl));
  demandStrong('s3SecretKey (AWS_SECRET_ACCESS_KEY)', secrets.s3SecretKey ?? '');
}

/**
 * Makes what the processes of the hosted profile find in their services: tables, bucket, and the master key where there
 * is no Vault. Everything that is there already stays as it is, so it is run before each start.
 * @returns the version of the database's schema
 * @throws SpeakrError `config_invalid`, `database_newer`, `unavailable`; `key_missing` when there are users, but not the
 *   key their recordings were written with
 */
export async function prepareHosted(settings: ServerSettings): Promise<number> {
  if (settings.profile !== 'hosted')
    throw new SpeakrError(
      'config_invalid',
      'profile (SPEAKR_PROFILE) must be hosted: there is nothing to prepare.',
    );
  const { databaseMigrationUrl, databaseWorkerUrl = '', s3SecretKey = '' } = await secretsOf(settings);
  if (databaseMigrationUrl === undefined)
    throw new SpeakrError('config_invalid', 'databaseMigrationUrl (DATABASE_MIGRATION_URL) is missing.');
  await migratePostgres(databaseMigrationUrl, postgresMigrations);
  await ensureBucket({
    endpoint: settings.s3Endpoint ?? '',
    region: settings.s3Region,
    bucket: settings.s3Bucket,
    accessKeyId: settings.s3AccessKeyId ?? '',
    secretAccessKey: s3SecretKey,
  });
  if (settings.vaultUrl === undefined) await prepareKeyFile(settings.masterKeyFile ?? '', databaseWorkerUrl);
  return postgresMigrations.length;
}

/** Only a secret that is given can be weak: services may know each other by other means. */
function demandStrong(setting: string, secret: string): void {
  if (secret === '' || (secret.length >= SHORTEST_SECRET && !OF_AN_EXAMPLE.test(secret))) return;
  throw new SpeakrError('config_invalid', `${setting} has a weak secret.`, {
    hint: `Take a random one of ${SHORTEST_SECRET} characters or more.`,
  });
}

const passwordOf = (url = ''): string =>
  decodeURIComponent(URL.parse(url.split(',')[0] ?? '')?.password ?? '');

/** A new key beside old recordings would only hide that theirs is lost. */
async function prepareKeyFile(path: string, workerUrl: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere && (await hasUsers(workerUrl)))
    throw new SpeakrError('key_missing', `The key file ${path} is missing, and there are recordings.`, {
      hint: 'Put the file of your backup there.',
    });
  await createKeyFile({ path, protects: [] }).prepare();
}

async function hasUsers(workerUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: workerUrl });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query('select 1 from speakr.users limit 1')).rows.length > 0;
  } catch (error) {
    throw translatePostgresError(error);
  } finally {
    await client.end().catch(() => {});
  }
}
