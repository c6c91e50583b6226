import { builtInTemplates } from '@speakr/contracts/note-templates';

/** A setting of the configuration, as data: documentation and parsing follow from it. */
export interface Setting {
  /** Environment variable. */
  readonly env: string;
  readonly kind: 'text' | 'url' | 'switch' | 'integer' | 'path';
  readonly summary: string;
  readonly default?: string | number | boolean;
  readonly choices?: readonly string[];
  /** Never shown. */
  readonly secret?: true;
}

const table = <const T extends Record<string, Setting>>(settings: T) => settings;

/** Every setting. The key is its name in `config.json`. */
export const settings = table({
  server: { env: 'SPEAKR_SERVER', kind: 'url', summary: 'Server to use instead of the one of this machine' },
  token: { env: 'SPEAKR_TOKEN', kind: 'text', secret: true, summary: 'Token for that server' },
  caFile: {
    env: 'SPEAKR_CA_FILE',
    kind: 'path',
    summary: 'Certificates (PEM) of authorities to trust besides the known ones, for servers elsewhere',
  },
  failover: {
    env: 'SPEAKR_FAILOVER',
    kind: 'text',
    choices: ['embedded', 'off'],
    default: 'embedded',
    summary: 'When that server stays away during a recording: go on with the one of this machine, or wait',
  },
  failoverAfter: {
    env: 'SPEAKR_FAILOVER_AFTER',
    kind: 'integer',
    default: 30,
    summary: 'How long it may stay away before, seconds',
  },
  localProcessing: {
    env: 'SPEAKR_LOCAL_PROCESSING',
    kind: 'text',
    choices: ['allowed', 'forbidden'],
    default: 'allowed',
    summary: 'Of `speakr serve`: whether its clients may go on without it on their own machines',
  },
  dataDir: { env: 'SPEAKR_DATA_DIR', kind: 'path', summary: 'Where recordings are kept' },
  modelsDir: { env: 'SPEAKR_MODELS_DIR', kind: 'path', summary: 'Where models are kept' },
  modelsMirror: {
    env: 'SPEAKR_MODELS_MIRROR',
    kind: 'url',
    summary: 'Where models are fetched from first: <mirror>/<model id>/<file>',
  },
  language: { env: 'SPEAKR_LANGUAGE', kind: 'text', default: 'en', summary: 'Spoken language, ISO 639-1' },
  model: { env: 'SPEAKR_MODEL', kind: 'text', summary: 'Recognizer model; the default one when absent' },
  template: {
    env: 'SPEAKR_TEMPLATE',
    kind: 'text',
    default: 'meeting',
    summary: `Notes template: ${builtInTemplates.join(', ')}, or the path of a template file`,
  },
  device: { env: 'SPEAKR_DEVICE', kind: 'text', summary: 'Microphone; the system’s default one when absent' },
  systemDevice: {
    env: 'SPEAKR_SYSTEM_DEVICE',
    kind: 'text',
    summary:
      'What `record --system` records as the second track; what the system plays by default when absent',
  },
  ffmpeg: { env: 'SPEAKR_FFMPEG', kind: 'path', summary: 'ffmpeg program; searched for when absent' },
  clipboard: {
    env: 'SPEAKR_CLIPBOARD',
    kind: 'switch',
    default: true,
    summary: 'Copy notes after a recording',
  },
  recognizer: {
    env: 'SPEAKR_RECOGNIZER',
    kind: 'text',
    choices: ['moonshine', 'openai'],
    default: 'moonshine',
    summary: 'Speech engine: on this machine, or an OpenAI-compatible server',
  },
  recognizerUrl: {
    env: 'SPEAKR_RECOGNIZER_URL',
    kind: 'url',
    summary: 'Base URL of the OpenAI-compatible speech server',
  },
  recognizerModel: {
    env: 'SPEAKR_RECOGNIZER_MODEL',
    kind: 'text',
    summary: 'Model to ask the speech server for',
  },
  recognizerKey: { env: 'SPEAKR_RECOGNIZER_KEY', kind: 'text', secret: true, summary: 'Key for it' },
  recognizerKeyFile: { env: 'SPEAKR_RECOGNIZER_KEY_FILE', kind: 'path', summary: 'File that holds this key' },
  llmUrl: {
    env: 'SPEAKR_LLM_URL',
    kind: 'url',
    summary: 'Base URL of an OpenAI-compatible language model for notes and answers',
  },
  llmModel: { env: 'SPEAKR_LLM_MODEL', kind: 'text', summary: 'Model to ask it for' },
  llmKey: { env: 'SPEAKR_LLM_KEY', kind: 'text', secret: true, summary: 'Key for it' },
  llmKeyFile: { env: 'SPEAKR_LLM_KEY_FILE', kind: 'path', summary: 'File that holds this key' },
  writtenForm: {
    env: 'SPEAKR_WRITTEN_FORM',
    kind: 'text',
    choices: ['on', 'off'],
    default: 'on',
    summary:
      'Numbers, dates and units of finished transcripts as people write them; what was heard stays a revision',
  },
  redaction: {
    env: 'SPEAKR_REDACTION',
    kind: 'text',
    default: 'off',
    summary:
      'Personal data that is left out before transcripts are stored: off, on, or some of card, phone, email, iban, id, ip, name joined by commas; on is all but name',
  },
  updateCheck: {
    env: 'SPEAKR_UPDATE_CHECK',
    kind: 'switch',
    default: true,
    summary: 'Ask once a day, at a terminal, whether there is a newer speakr',
  },
  updateUrl: {
    env: 'SPEAKR_UPDATE_URL',
    kind: 'url',
    summary:
      'Where that is asked, as GitHub answers for the latest release; of a released speakr its own repository when absent',
  },
  retentionDays: {
    env: 'SPEAKR_RETENTION_DAYS',
    kind: 'integer',
    summary: 'Delete recordings older than this; off when absent',
  },
  retentionBytes: {
    env: 'SPEAKR_RETENTION_BYTES',
    kind: 'integer',
    summary: 'Delete the oldest recordings when their audio takes more; off when absent',
  },
});

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as SettingName[];

type ValueOf<S extends Setting> = S extends { kind: 'switch' }
  ? boolean
  : S extends { kind: 'integer' }
    ? number
    : S extends { choices: readonly (infer C)[] }
      ? C
      : string;

/** Effective values; those without a default may be absent. */
export type Settings = {
  [K in SettingName as (typeof settings)[K] extends { default: unknown } ? K : never]: ValueOf<
    (typeof settings)[K]
  >;
} & {
  [K in SettingName as (typeof settings)[K] extends { default: unknown } ? never : K]?: ValueOf<
    (typeof settings)[K]
  >;
};
