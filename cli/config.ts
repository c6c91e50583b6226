import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { type Paths, resolvePaths } from './paths.ts';
import { type Setting, type SettingName, type Settings, settingNames, settings } from './settings.ts';

/** Where a value comes from. */
export type Source = 'default' | 'file' | 'environment' | 'flag';

export interface Config {
  readonly values: Settings;
  readonly sources: Readonly<Partial<Record<SettingName, Source>>>;
  readonly paths: Paths;
}

export interface ConfigInput {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Values given as flags, as text. */
  readonly flags?: Partial<Record<SettingName, string | undefined>>;
  /** `--config FILE`. */
  readonly file?: string;
}

/**
 * The effective configuration: defaults < file < environment < flags.
 * @throws SpeakrError `config_invalid`, with the key and where it stands, never with the value
 */
export function loadConfig({ platform, env, cwd, flags = {}, file }: ConfigInput): Config {
  const named = file ?? env.SPEAKR_CONFIG;
  const configFile = named === undefined ? resolvePaths(platform, env).configFile : resolve(cwd, named);
  const values: Record<string, unknown> = {};
  const sources: Partial<Record<SettingName, Source>> = {};
  const take = (name: SettingName, value: unknown, source: Source) => {
    values[name] = settings[name].kind === 'path' ? resolve(cwd, String(value)) : value;
    sources[name] = source;
  };

  for (const name of settingNames) {
    const definition: Setting = settings[name];
    if (definition.default !== undefined) take(name, definition.default, 'default');
  }
  for (const [name, value] of readFile(configFile, named !== undefined)) take(name, value, 'file');
  for (const [source, texts] of [
    ['environment', (name: SettingName) => env[settings[name].env]],
    ['flag', (name: SettingName) => flags[name]],
  ] as const)
    for (const name of settingNames) {
      const text = texts(name);
      if (text === undefined || text === '') continue;
      const where = source === 'flag' ? `--${name}` : settings[name].env;
      take(name, parseText(settings[name], text, where), source);
    }

  const effective = values as unknown as Settings;
  const { dataDir, modelsDir } = effective;
  return {
    values: effective,
    sources,
    paths: resolvePaths(platform, env, { dataDir, modelsDir, configFile }),
  };
}

function readFile(path: string, mustExist: boolean): [SettingName, unknown][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && !mustExist) return [];
    throw new SpeakrError('config_invalid', `${path} cannot be read (${code}).`, { cause });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new SpeakrError(
      'config_invalid',
      `${path}, ${syntaxErrorPlace(text, error)}: this is not valid JSON.`,
      {
        hint: 'Mend the file or remove it.',
      },
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new SpeakrError('config_invalid', `${path}, line 1: the file must hold one JSON object.`);
  return Object.entries(parsed).map(([key, value]) => {
    const where = `${path}, line ${lineOfKey(text, key)}: "${key}"`;
    if (!(key in settings))
      throw new SpeakrError('config_invalid', `${where} is not a setting.`, {
        hint: `Settings are: ${settingNames.join(', ')}.`,
      });
    const name = key as SettingName;
    return [name, checkValue(settings[name], value, where)];
  });
}

/** The message of `JSON.parse` quotes the text, which may hold a secret: only the place is taken from it. */
function syntaxErrorPlace(text: string, error: unknown): string {
  const position = /position (\d+)/.exec(String(error))?.[1] ?? firstNonToken(text);
  const before = text.slice(0, Number(position));
  const keys = [...before.matchAll(/"(\w+)"\s*:/g)];
  const key = keys.at(-1)?.[1];
  return `line ${before.split('\n').length}${key === undefined ? '' : `, near "${key}"`}`;
}

/** `JSON.parse` gives no position for a word that is no JSON. */
function firstNonToken(text: string): number {
  const token = /\s*(?:"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\]:,])/y;
  let at = 0;
  while (token.test(text)) at = token.lastIndex;
  return at + (/\S/.exec(text.slice(at))?.index ?? 0);
}

function lineOfKey(text: string, key: string): number {
  const at = text.indexOf(JSON.stringify(key));
  return text.slice(0, Math.max(0, at)).split('\n').length;
}

function checkValue(setting: Setting, value: unknown, where: string): unknown {
  if (setting.kind === 'switch') {
    if (typeof value === 'boolean') return value;
    throw new SpeakrError('config_invalid', `${where} must be true or false.`);
  }
  if (setting.kind === 'integer') {
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value;
    throw new SpeakrError('config_invalid', `${where} must be a whole number.`);
  }
  if (typeof value !== 'string' || value === '')
    throw new SpeakrError('config_invalid', `${where} must be a text in quotes.`);
  return checkText(setting, value, where);
}

function checkText(setting: Setting, value: string, where: string): string {
  if (setting.kind === 'url' && !/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
    throw new SpeakrError('config_invalid', `${where} must be a URL that starts with http:// or https://.`);
  if (setting.choices !== undefined && !setting.choices.includes(value))
    throw new SpeakrError('config_invalid', `${where} must be one of: ${setting.choices.join(', ')}.`);
  return value;
}

const switches: Record<string, boolean> = { true: true, '1': true, yes: true, on: true };
const offs = ['false', '0', 'no', 'off'];

function parseText(setting: Setting, text: string, where: string): unknown {
  if (setting.kind === 'switch') {
    const lower = text.toLowerCase();
    const value = switches[lower] ?? (offs.includes(lower) ? false : undefined);
    return checkValue(setting, value, where);
  }
  if (setting.kind === 'integer')
    return checkValue(setting, /^\d+$/.test(text) ? Number(text) : undefined, where);
  return checkText(setting, text, where);
}

/** The configuration as environment of a server that this process starts or holds. */
export function configEnvironment({ values, paths }: Config): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of settingNames) {
    const value = values[name];
    if (value !== undefined) result[settings[name].env] = String(value);
  }
  result[settings.dataDir.env] = paths.dataDir;
  result[settings.modelsDir.env] = paths.modelsDir;
  return result;
}
