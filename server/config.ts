import { redactionKinds } from '@speakr/contracts/policies';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';
import { logLevels } from './observability/log.ts';
import { usualKinds } from './redaction/kinds.ts';

const loopbackNames = ['127.0.0.1', '::1', 'localhost'];

const path = z.string().min(1);
const url = z.url({ protocol: /^https?$/ });
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
const wholeNumber = z.coerce.number().int().min(0);
const share = z.coerce.number().min(0).max(1);

/** What a process of the hosted profile works on. */
export const roleNames = [
  'gateway',
  'ingestion',
  'transcriber',
  'nlp',
  'embedder',
  'notes',
  'archiver',
  'admin',
] as const;
export type RoleName = (typeof roleNames)[number];

/** `all`, or names joined by commas. */
const roleList = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? given.split(',') : given).map((name) => name.trim()))
  .transform((names) => (names.includes('all') ? [...roleNames] : names))
  .pipe(z.array(z.enum(roleNames)).min(1));

/** `off`, `on` for all but names, or kinds joined by commas. */
const kindList = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? given.split(',') : given).map((kind) => kind.trim()))
  .transform((kinds): string[] =>
    kinds.flatMap((kind) => (kind === 'on' ? [...usualKinds] : kind === 'off' ? [] : kind)),
  )
  .pipe(z.array(z.enum(redactionKinds)));

/** One server or several, joined by commas. */
const natsUrls = z
  .string()
  .refine(
    (text) => text.split(',').every((each) => /^(nats|tls):$/.test(URL.parse(each.trim())?.protocol ?? '')),
    {
      error: 'expected nats://… or tls://…, joined by commas',
    },
  );

/** Origins as browsers send them, joined by commas: no path, no slash at the end. */
const originList = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .pipe(
    z.array(
      z.string().refine((text) => /^https?:/.test(text) && URL.parse(text)?.origin === text, {
        error: 'expected https://host, joined by commas',
      }),
    ),
  );

/** Whoever can change what an issuer says can be anybody: the way to it must be safe. */
const issuerUrl = url.refine((text) => {
  const parsed = URL.parse(text);
  return (
    parsed?.protocol === 'https:' || loopbackNames.includes(parsed?.hostname.replace(/^\[|\]$/g, '') ?? '')
  );
}, 'expected https://…');

/** A setting of the server: how it is checked, and the environment variable it may come from. */
interface Setting {
  readonly env: string;
  readonly schema: z.ZodType;
}

const settings = {
  profile: { env: 'SPEAKR_PROFILE', schema: z.enum(['embedded', 'hosted']).default('embedded') },
  dataDir: { env: 'SPEAKR_DATA_DIR', schema: path },
  modelsDir: { env: 'SPEAKR_MODELS_DIR', schema: path },
  modelsMirror: { env: 'SPEAKR_MODELS_MIRROR', schema: url.optional() },
  host: { env: 'SPEAKR_HOST', schema: z.string().min(1).default('127.0.0.1') },
  port: { env: 'SPEAKR_PORT', schema: wholeNumber.max(65_535).default(0) },
  logLevel: { env: 'SPEAKR_LOG_LEVEL', schema: z.enum(logLevels).default('info') },
  idleExitMs: { env: 'SPEAKR_IDLE_EXIT_MS', schema: wholeNumber.default(10 * 60_000) },
  ffmpeg: { env: 'SPEAKR_FFMPEG', schema: path.optional() },
  model: { env: 'SPEAKR_MODEL', schema: z.string().min(1).optional() },
  recognizer: { env: 'SPEAKR_RECOGNIZER', schema: z.enum(['moonshine', 'openai']).default('moonshine') },
  recognizerUrl: { env: 'SPEAKR_RECOGNIZER_URL', schema: url.optional() },
  recognizerModel: { env: 'SPEAKR_RECOGNIZER_MODEL', schema: z.string().min(1).optional() },
  recognizerKey: { env: 'SPEAKR_RECOGNIZER_KEY', schema: z.string().min(1).optional() },
  recognizerKeyFile: { env: 'SPEAKR_RECOGNIZER_KEY_FILE', schema: path.optional() },
  /** Numbers, dates and units as people write them, in a revision after the transcript. */
  writtenForm: { env: 'SPEAKR_WRITTEN_FORM', schema: z.enum(['on', 'off']).default('on') },
  /** What is left out of everything that is stored. */
  redaction: { env: 'SPEAKR_REDACTION', schema: kindList.default([]) },
  llmUrl: { env: 'SPEAKR_LLM_URL', schema: url.optional() },
  llmModel: { env: 'SPEAKR_LLM_MODEL', schema: z.string().min(1).optional() },
  llmKey: { env: 'SPEAKR_LLM_KEY', schema: z.string().min(1).optional() },
  llmKeyFile: { env: 'SPEAKR_LLM_KEY_FILE', schema: path.optional() },
  // Hosted. Each is of another role of the database (deploy/postgres/roles.sql); a file keeps its password out of
  // process lists and environments.
  databaseUrl: { env: 'DATABASE_URL', schema: postgresUrl.optional() },
  databaseUrlFile: { env: 'DATABASE_URL_FILE', schema: path.optional() },
  databaseWorkerUrl: { env: 'DATABASE_WORKER_URL', schema: postgresUrl.optional() },
  databaseWorkerUrlFile: { env: 'DATABASE_WORKER_URL_FILE', schema: path.optional() },
  databaseMigrationUrl: { env: 'DATABASE_MIGRATION_URL', schema: postgresUrl.optional() },
  databaseMigrationUrlFile: { env: 'DATABASE_MIGRATION_URL_FILE', schema: path.optional() },
  /** `X-User-ID` says who asks, without proof. */
  legacyUserHeader: {
    env: 'LEGACY_USER_HEADER_ENABLED',
    schema: z.union([z.boolean(), z.stringbool()]).default(false),
  },
  /** From this day on paths without a version are gone; until then they lead to those that have one. */
  legacyPathsUntil: { env: 'SPEAKR_LEGACY_PATHS_UNTIL', schema: z.iso.date().optional() },
  databaseConnections: { env: 'SPEAKR_DATABASE_CONNECTIONS', schema: wholeNumber.min(2).default(10) },
  roles: { env: 'SPEAKR_ROLES', schema: roleList.default([...roleNames]) },
  tokensFile: { env: 'SPEAKR_TOKENS_FILE', schema: path.optional() },
  /** OpenID Connect issuer whose access tokens are taken. */
  oidcIssuer: { env: 'SPEAKR_OIDC_ISSUER', schema: issuerUrl.optional() },
  oidcAudience: { env: 'SPEAKR_OIDC_AUDIENCE', schema: url.optional() },
  oidcClientId: { env: 'SPEAKR_OIDC_CLIENT_ID', schema: z.string().min(1).max(200).default('speakr') },
  /** Claim of a token with the roles of its user, and the one that an administrator has. */
  oidcRolesClaim: { env: 'SPEAKR_OIDC_ROLES_CLAIM', schema: z.string().min(1).max(200).default('roles') },
  oidcAdminRole: {
    env: 'SPEAKR_OIDC_ADMIN_ROLE',
    schema: z.string().min(1).max(200).default('speakr-admin'),
  },
  oidcScopes: { env: 'SPEAKR_OIDC_SCOPES', schema: z.string().min(1).default('openid offline_access') },
  /** Requests a minute, over all gateways; 0: no limit. */
  ratePerUser: { env: 'SPEAKR_RATE_PER_USER', schema: wholeNumber.default(1200) },
  ratePerAddress: { env: 'SPEAKR_RATE_PER_ADDRESS', schema: wholeNumber.default(3000) },
  liveSessionsPerUser: { env: 'SPEAKR_LIVE_SESSIONS_PER_USER', schema: wholeNumber.min(1).default(10) },
  /** Recordings that were begun and not finished; 0: no limit. */
  unfinishedPerUser: { env: 'SPEAKR_UNFINISHED_PER_USER', schema: wholeNumber.default(50) },
  /** Longest recording; 0: no limit. */
  recordingHours: { env: 'SPEAKR_RECORDING_HOURS', schema: wholeNumber.default(12) },
  /** Origins of pages that may use the API from a browser. */
  corsOrigins: { env: 'SPEAKR_CORS_ORIGINS', schema: originList.optional() },
  trustedProxies: { env: 'SPEAKR_TRUSTED_PROXIES', schema: z.string().min(1).optional() },
  masterKeyFile: { env: 'SPEAKR_MASTER_KEY_FILE', schema: path.optional() },
  vaultUrl: { env: 'VAULT_ADDR', schema: url.optional() },
  vaultTokenFile: { env: 'VAULT_TOKEN_FILE', schema: path.optional() },
  vaultNamespace: { env: 'VAULT_NAMESPACE', schema: z.string().min(1).optional() },
  natsUrl: { env: 'NATS_URL', schema: natsUrls.optional() },
  natsCredentialsFile: { env: 'NATS_CREDENTIALS_FILE', schema: path.optional() },
  natsCaFile: { env: 'NATS_CA_FILE', schema: path.optional() },
  natsReplicas: { env: 'SPEAKR_NATS_REPLICAS', schema: wholeNumber.min(1).max(5).default(1) },
  audioLogBytes: {
    env: 'SPEAKR_AUDIO_LOG_BYTES',
    schema: wholeNumber.min(16 * 1024 * 1024).default(16 * 1024 ** 3),
  },
  s3Endpoint: { env: 'S3_ENDPOINT', schema: url.optional() },
  s3Bucket: { env: 'S3_BUCKET', schema: z.string().min(3).default('speakr') },
  s3Region: { env: 'AWS_REGION', schema: z.string().min(1).default('us-east-1') },
  s3AccessKeyId: { env: 'AWS_ACCESS_KEY_ID', schema: z.string().min(1).optional() },
  s3SecretKey: { env: 'AWS_SECRET_ACCESS_KEY', schema: z.string().min(1).optional() },
  s3SecretKeyFile: { env: 'AWS_SECRET_ACCESS_KEY_FILE', schema: path.optional() },
  localProcessing: {
    env: 'SPEAKR_LOCAL_PROCESSING',
    schema: z.enum(['allowed', 'forbidden']).default('allowed'),
  },
  /** For `/health`, `/ready`, `/metrics` and `/log-level`, which ask for no token; 0 takes a free one. */
  operationsPort: { env: 'SPEAKR_OPERATIONS_PORT', schema: wholeNumber.max(65_535).optional() },
  operationsHost: { env: 'SPEAKR_OPERATIONS_HOST', schema: z.string().min(1).default('127.0.0.1') },
  /** Of a collector that speaks OTLP over HTTP; no traces when absent. */
  otlpEndpoint: { env: 'OTEL_EXPORTER_OTLP_ENDPOINT', schema: url.optional() },
  traceSampling: { env: 'OTEL_TRACES_SAMPLER_ARG', schema: z.coerce.number().min(0).max(1).default(1) },
  /** Largest file that is taken as an upload. */
  uploadBytes: { env: 'SPEAKR_UPLOAD_BYTES', schema: wholeNumber.min(1).default(4 * 1024 ** 3) },
  /** Longest audio of an upload. */
  uploadMinutes: { env: 'SPEAKR_UPLOAD_MINUTES', schema: wholeNumber.min(1).default(12 * 60) },
  /** What a model must reach to be promoted: as shares, on an evaluation of so many words or questions. */
  promotionMaxWer: { env: 'SPEAKR_PROMOTION_MAX_WER', schema: share.default(0.3) },
  promotionMaxWerLoss: { env: 'SPEAKR_PROMOTION_MAX_WER_LOSS', schema: share.default(0.01) },
  promotionMinMrr: { env: 'SPEAKR_PROMOTION_MIN_MRR', schema: share.default(0.5) },
  promotionMaxMrrLoss: { env: 'SPEAKR_PROMOTION_MAX_MRR_LOSS', schema: share.default(0.02) },
  promotionMinSamples: { env: 'SPEAKR_PROMOTION_MIN_SAMPLES', schema: wholeNumber.min(1).default(50) },
  retentionDays: { env: 'SPEAKR_RETENTION_DAYS', schema: wholeNumber.min(1).optional() },
  retentionBytes: { env: 'SPEAKR_RETENTION_BYTES', schema: wholeNumber.min(1).optional() },
} as const satisfies Record<string, Setting>;

type SettingName = keyof typeof settings;
const settingNames = Object.keys(settings) as SettingName[];

/** Environment variables of all settings of the server. */
export const serverVariables: readonly string[] = Object.values(settings).map(({ env }) => env);

export type ServerSettings = {
  [K in SettingName]: z.output<(typeof settings)[K]['schema']>;
};

/** What a profile is made of: one row decides, the parts cannot be chosen one by one. */
const profiles = {
  embedded: {
    store: 'sqlite',
    bus: 'sqlite',
    audioLog: 'files',
    captions: 'in-process',
    storage: 'files',
    keys: 'key-file',
  },
  hosted: {
    store: 'postgres',
    bus: 'jetstream',
    audioLog: 'jetstream',
    captions: 'nats',
    storage: 's3',
    keys: 'vault, or a key file that all processes share',
  },
} as const;

export interface ServerConfig {
  readonly settings: ServerSettings;
  readonly parts: (typeof profiles)[keyof typeof profiles];
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values that win over the environment. */
  readonly values?: Partial<Record<SettingName, unknown>>;
}

/**
 * The effective settings of the server: defaults < environment < passed values.
 * @throws SpeakrError `config_invalid`, with the key, never with the value
 */
export function loadServerConfig({ env, values = {} }: ConfigSources): ServerConfig {
  const effective: Record<string, unknown> = {};
  for (const name of settingNames) {
    const given = values[name] ?? (env[settings[name].env] || undefined);
    const parsed = settings[name].schema.safeParse(given);
    if (!parsed.success)
      throw new SpeakrError(
        'config_invalid',
        given === undefined
          ? `${name} (${settings[name].env}) is missing.`
          : `${name} (${settings[name].env}) is not valid: ${expectation(parsed.error)}.`,
      );
    effective[name] = parsed.data;
  }
  const complete = effective as ServerSettings;
  demand(complete, complete.recognizer === 'openai', ['recognizerUrl', 'recognizerModel']);
  demand(complete, complete.llmUrl !== undefined, ['llmModel']);
  const isHosted = complete.profile === 'hosted';
  if (!isHosted && !loopbackNames.includes(complete.host))
    throw new SpeakrError(
      'config_invalid',
      'host (SPEAKR_HOST) is not valid: an embedded server is for the user of this machine only.',
    );
  demand(complete, isHosted, ['natsUrl', 's3Endpoint', 's3AccessKeyId']);
  demand(complete, isHosted && complete.oidcIssuer === undefined, ['tokensFile']);
  demand(complete, isHosted && complete.oidcIssuer !== undefined, ['oidcAudience']);
  demand(complete, isHosted && complete.s3SecretKeyFile === undefined, ['s3SecretKey']);
  demand(complete, isHosted && complete.vaultUrl === undefined, ['masterKeyFile']);
  demand(complete, complete.vaultUrl !== undefined, ['vaultTokenFile']);
  demand(complete, isHosted && complete.databaseUrlFile === undefined, ['databaseUrl']);
  demand(complete, isHosted && complete.databaseWorkerUrlFile === undefined, ['databaseWorkerUrl']);
  if (complete.legacyUserHeader && !isHosted)
    throw new SpeakrError(
      'config_invalid',
      `legacyUserHeader (${settings.legacyUserHeader.env}) is for the hosted profile: here there is one user.`,
    );
  return { settings: complete, parts: profiles[complete.profile] };
}

/** What was expected, in zod's words, which do not quote what was given. */
const expectation = (error: z.ZodError) => error.issues[0]?.message ?? 'wrong value';

function demand(given: ServerSettings, needed: boolean, names: readonly SettingName[]): void {
  for (const name of names)
    if (needed && given[name] === undefined)
      throw new SpeakrError('config_invalid', `${name} (${settings[name].env}) is missing.`);
}
