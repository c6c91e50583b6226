import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { loadServerConfig } from './config.ts';

const needed = { dataDir: '/data', modelsDir: '/models' };

test('the embedded profile needs two directories and knows the rest', () => {
  const { settings, parts } = loadServerConfig({ env: {}, values: needed });
  assert.equal(settings.host, '127.0.0.1');
  assert.equal(settings.recognizer, 'moonshine');
  assert.equal(parts.store, 'sqlite');
});

/** What the hosted profile needs. */
const hostedEnv = {
  DATABASE_URL: 'postgres://speakr_app@db/speakr',
  DATABASE_WORKER_URL_FILE: '/run/worker',
  NATS_URL: 'nats://a:4222,nats://b:4222',
  S3_ENDPOINT: 'https://s3.example.org',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY_FILE: '/run/secret',
  SPEAKR_MASTER_KEY_FILE: '/run/master.key',
  SPEAKR_TOKENS_FILE: '/run/tokens',
  SPEAKR_ROLES: 'gateway, notes',
  SPEAKR_HOST: '0.0.0.0',
};

test('the hosted profile needs two roles of the database, as URLs or as files that hold them', () => {
  const env = hostedEnv;
  const hosted = { ...needed, profile: 'hosted' };
  assert.throws(
    () => loadServerConfig({ env: { ...env, DATABASE_URL: '' }, values: hosted }),
    /databaseUrl \(DATABASE_URL\) is missing/,
  );
  const { settings, parts } = loadServerConfig({ env, values: hosted });
  assert.equal(settings.databaseUrl, env.DATABASE_URL);
  assert.equal(parts.store, 'postgres');
  assert.deepEqual(settings.roles, ['gateway', 'notes']);
  for (const name of ['NATS_URL', 'S3_ENDPOINT', 'SPEAKR_MASTER_KEY_FILE', 'SPEAKR_TOKENS_FILE'])
    assert.throws(() => loadServerConfig({ env: { ...env, [name]: '' }, values: hosted }), new RegExp(name));
});

test('a header that nobody has to prove is off unless asked for, and only where there are several users', () => {
  assert.equal(loadServerConfig({ env: {}, values: needed }).settings.legacyUserHeader, false);
  const env = {
    ...hostedEnv,
    SPEAKR_PROFILE: 'hosted',
    LEGACY_USER_HEADER_ENABLED: 'true',
  };
  assert.equal(loadServerConfig({ env, values: needed }).settings.legacyUserHeader, true);
  const off = { ...env, LEGACY_USER_HEADER_ENABLED: 'false' };
  assert.equal(loadServerConfig({ env: off, values: needed }).settings.legacyUserHeader, false);
  const embedded = { ...env, SPEAKR_PROFILE: 'embedded', SPEAKR_HOST: '127.0.0.1' };
  assert.throws(() => loadServerConfig({ env: embedded, values: needed }), /legacyUserHeader/);
});

test('an issuer is reached safely and says for whom its tokens are; then no file of tokens is needed', () => {
  const load = (more: Record<string, string>) =>
    loadServerConfig({
      env: { ...hostedEnv, SPEAKR_PROFILE: 'hosted', SPEAKR_TOKENS_FILE: '', ...more },
      values: needed,
    }).settings;
  const audience = { SPEAKR_OIDC_AUDIENCE: 'https://speakr.test' };
  assert.throws(() => load({}), /SPEAKR_TOKENS_FILE/);
  assert.throws(() => load({ SPEAKR_OIDC_ISSUER: 'https://login.test' }), /SPEAKR_OIDC_AUDIENCE/);
  for (const issuer of [
    'https://login.test/realm',
    'http://127.0.0.1:4711',
    'http://[::1]:4711',
    'http://localhost',
  ])
    assert.equal(load({ SPEAKR_OIDC_ISSUER: issuer, ...audience }).oidcIssuer, issuer);
  for (const issuer of ['http://login.test', 'http://127.0.0.1.login.test', 'login.test'])
    assert.throws(() => load({ SPEAKR_OIDC_ISSUER: issuer, ...audience }), /SPEAKR_OIDC_ISSUER/);
});

test('passed values win over the environment, the environment over defaults', () => {
  const env = { SPEAKR_DATA_DIR: '/elsewhere', SPEAKR_PORT: '4711', SPEAKR_LOG_LEVEL: '' };
  const { settings } = loadServerConfig({ env, values: needed });
  assert.equal(settings.dataDir, '/data');
  assert.equal(settings.port, 4711);
  assert.equal(settings.logLevel, 'info', 'an empty variable is no value');
});

for (const [key, values] of Object.entries({
  dataDir: { dataDir: undefined },
  port: { port: 'sesame' },
  host: { host: 'sesame' },
  recognizer: { recognizer: 'sesame' },
  llmUrl: { llmUrl: 'file:///sesame' },
  databaseUrl: { databaseUrl: 'mysql://sesame' },
  natsUrl: { natsUrl: 'http://sesame' },
  roles: { roles: 'sesame' },
  oidcIssuer: { oidcIssuer: 'http://sesame.test' },
  corsOrigins: { corsOrigins: 'https://console.test, https://sesame.test/' },
  ratePerUser: { ratePerUser: 'sesame' },
  llmModel: { llmUrl: 'http://127.0.0.1:11434/v1', llmKey: 'sesame' },
  recognizerUrl: { recognizer: 'openai', recognizerKey: 'sesame' },
}))
  test(`a wrong ${key} is named, its value is not`, () => {
    assert.throws(
      () => loadServerConfig({ env: {}, values: { ...needed, ...values } }),
      (error) =>
        error instanceof SpeakrError &&
        error.code === 'config_invalid' &&
        error.message.includes(key) &&
        !error.message.includes('sesame'),
    );
  });
