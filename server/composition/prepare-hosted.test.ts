import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { loadServerConfig } from '../config.ts';
import { execute, preparePostgres } from '../fixtures/postgres-database.ts';
import { testPostgres, testS3 } from '../fixtures/services.ts';
import { createS3Storage } from '../storage/s3-storage.ts';
import { migratePostgres } from '../store/postgres-migrate.ts';
import { postgresMigrations } from '../store/postgres-migrations.ts';
import { demandStrongSecrets, prepareHosted } from './prepare-hosted.ts';

const [postgres, s3] = [await testPostgres(), await testS3()];

describe('preparing the services of a fleet', { skip: postgres.missing || s3.missing }, () => {
  async function services(t: TestContext) {
    const database = await postgres.createDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'speakr-prepare-'));
    t.after(async () => {
      await database.drop();
      rmSync(folder, { recursive: true });
    });
    const urls = await preparePostgres(database.url);
    await migratePostgres(urls.owner, postgresMigrations, 0);
    const keyFile = join(folder, 'keys', 'master.key');
    const settingsWith = (env: Record<string, string>) =>
      loadServerConfig({
        env: {
          SPEAKR_PROFILE: 'hosted',
          SPEAKR_DATA_DIR: folder,
          SPEAKR_MODELS_DIR: folder,
          SPEAKR_TOKENS_FILE: join(folder, 'tokens'),
          SPEAKR_MASTER_KEY_FILE: keyFile,
          DATABASE_URL: urls.app,
          DATABASE_WORKER_URL: urls.worker,
          DATABASE_MIGRATION_URL: urls.owner,
          NATS_URL: 'nats://localhost:1',
          S3_ENDPOINT: s3.endpoint,
          S3_BUCKET: s3.bucket,
          AWS_ACCESS_KEY_ID: s3.accessKeyId,
          AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
          ...env,
        },
      }).settings;
    const prepare = (env: Record<string, string> = {}) => prepareHosted(settingsWith(env));
    return { urls, keyFile, settingsWith, prepare };
  }

  const fails = (code: string, pattern: RegExp) => (error: unknown) =>
    error instanceof SpeakrError && error.code === code && pattern.test(error.message);

  it('makes tables, bucket and key, and changes nothing when it is done again', async (t) => {
    const { keyFile, prepare } = await services(t);
    assert.equal(await prepare(), postgresMigrations.length);
    assert.equal(await createS3Storage(s3).size('anything'), undefined, 'the bucket answers');
    const key = readFileSync(keyFile, 'utf8');
    assert.equal(await prepare(), postgresMigrations.length);
    assert.equal(readFileSync(keyFile, 'utf8'), key);
  });

  it('asks for strong secrets by the name of their setting, and says none of them', async (t) => {
    const { settingsWith } = await services(t);
    const strong = 'x2v9kq7m4w8s1d5f';
    const url = (scheme: string, password: string) => `${scheme}://speakr:${password}@localhost:1/speakr`;
    const good = {
      DATABASE_MIGRATION_URL: url('postgres', strong),
      DATABASE_URL: url('postgres', strong),
      DATABASE_WORKER_URL: url('postgres', strong),
      NATS_URL: url('nats', strong),
      AWS_SECRET_ACCESS_KEY: strong,
    };
    await demandStrongSecrets(settingsWith(good));
    for (const weak of ['hunter2', 'change-me-change-me'])
      for (const [name, value] of Object.entries(good))
        await assert.rejects(
          demandStrongSecrets(settingsWith({ ...good, [name]: value.replace(strong, weak) })),
          (error: unknown) =>
            fails('config_invalid', new RegExp(`\\(${name}\\) has a weak secret`))(error) &&
            !String(error).includes(weak),
        );
  });

  it('refuses what is no place for it: another profile, no role that may migrate', async (t) => {
    const { prepare } = await services(t);
    await assert.rejects(prepare({ SPEAKR_PROFILE: 'embedded' }), fails('config_invalid', /SPEAKR_PROFILE/));
    await assert.rejects(
      prepare({ DATABASE_MIGRATION_URL: '' }),
      fails('config_invalid', /DATABASE_MIGRATION_URL\) is missing/),
    );
  });

  it('leaves a database of a newer speakr as it is', async (t) => {
    const { urls, prepare } = await services(t);
    await prepare();
    await execute(
      urls.owner,
      `insert into speakr.schema_migrations (version, name) values (${postgresMigrations.length + 1}, 'newer')`,
    );
    await assert.rejects(prepare(), fails('database_newer', /schema version/));
    const { rows } = await execute(urls.owner, 'select count(*)::int as n from speakr.schema_migrations');
    assert.equal(rows[0].n, postgresMigrations.length + 1);
  });

  it('makes no new key where there are recordings of a lost one', async (t) => {
    const { urls, keyFile, prepare } = await services(t);
    await prepare();
    await execute(urls.admin, `insert into speakr.users (id, wrapped_key, created_at) values ('ada', '', 0)`);
    rmSync(keyFile);
    await assert.rejects(prepare(), fails('key_missing', /is missing, and there are recordings/));
    assert.equal(existsSync(keyFile), false);
  });
});
