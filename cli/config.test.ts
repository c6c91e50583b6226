import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { configEnvironment, loadConfig } from './config.ts';
import { resolvePaths } from './paths.ts';

function configWith(text: string, env: Record<string, string> = {}, flags = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'speakr-config-')), 'config.json');
  writeFileSync(file, text);
  return loadConfig({ platform: 'linux', env: { HOME: '/home/ada', ...env }, cwd: '/work-dir', flags, file });
}

const invalid = (pattern: RegExp) => (error: unknown) =>
  error instanceof SpeakrError && error.code === 'config_invalid' && pattern.test(error.message);

test('a flag wins over the environment, the environment over the file, the file over the default', () => {
  const text = '{ "language": "de", "template": "soap", "server": "http://file:1" }';
  const { values, sources } = configWith(
    text,
    { SPEAKR_TEMPLATE: 'plain', SPEAKR_SERVER: 'http://env:1' },
    { server: 'http://flag:1' },
  );
  assert.deepEqual(
    [values.language, values.template, values.server, values.clipboard],
    ['de', 'plain', 'http://flag:1', true],
  );
  assert.deepEqual(
    [sources.language, sources.template, sources.server, sources.clipboard],
    ['file', 'environment', 'flag', 'default'],
  );
});

test('a file that is not JSON is named with line and key, but without its values', () => {
  assert.throws(
    () => configWith('{\n  "language": "en",\n  "llmKey": "sk-secret" oops\n}'),
    (error) => invalid(/config\.json, line 3, near "llmKey"/)(error) && !String(error).includes('sk-secret'),
  );
});

test('a word that is no JSON is found as well', () => {
  assert.throws(
    () => configWith('{\n "language": "en",\n "llmKey": oops\n}'),
    invalid(/line 3, near "llmKey"/),
  );
});

test('a wrong value or an unknown key is named with its line', () => {
  assert.throws(
    () => configWith('{\n "clipboard": "maybe"\n}'),
    invalid(/line 2: "clipboard" must be true or false/),
  );
  assert.throws(() => configWith('{\n\n "colour": 1}'), invalid(/line 3: "colour" is not a setting/));
  assert.throws(() => configWith('{"retentionDays": -1}'), invalid(/"retentionDays" must be a whole number/));
  assert.throws(() => configWith('{"server": "ftp://x"}'), invalid(/"server" must be a URL/));
  assert.throws(
    () => configWith('{"recognizer": "magic"}'),
    invalid(/"recognizer" must be one of: moonshine, openai/),
  );
  assert.throws(() => configWith('{"language": 3}'), invalid(/"language" must be a text/));
  assert.throws(() => configWith('[]'), invalid(/one JSON object/));
});

test('variables are checked like the file', () => {
  assert.equal(configWith('{}', { SPEAKR_CLIPBOARD: 'off' }).values.clipboard, false);
  assert.equal(configWith('{}', { SPEAKR_RETENTION_DAYS: '30' }).values.retentionDays, 30);
  assert.throws(
    () => configWith('{}', { SPEAKR_CLIPBOARD: 'perhaps' }),
    invalid(/SPEAKR_CLIPBOARD must be true or false/),
  );
  assert.throws(() => configWith('{}', { SPEAKR_RETENTION_DAYS: 'x' }), invalid(/SPEAKR_RETENTION_DAYS/));
});

test('a missing file is fine unless it was named', () => {
  const input = { platform: 'linux', env: { HOME: '/nowhere' }, cwd: '/' } as const;
  assert.equal(loadConfig(input).values.language, 'en');
  assert.throws(
    () => loadConfig({ ...input, file: 'missing.json' }),
    invalid(/missing\.json cannot be read/),
  );
});

test('a started server gets the effective values and resolved directories', () => {
  const environment = configEnvironment(configWith('{"dataDir": "data", "llmUrl": "http://localhost:1/v1"}'));
  assert.equal(environment.SPEAKR_DATA_DIR, '/work-dir/data');
  assert.equal(environment.SPEAKR_MODELS_DIR, '/home/ada/.local/share/speakr/models');
  assert.equal(environment.SPEAKR_LLM_URL, 'http://localhost:1/v1');
});

test('directories follow the rules of each platform', () => {
  const linux = resolvePaths('linux', { HOME: '/home/ada' });
  assert.equal(linux.configFile, '/home/ada/.config/speakr/config.json');
  assert.equal(linux.spoolDir, '/home/ada/.local/share/speakr/spool');
  const xdg = resolvePaths('linux', { HOME: '/home/ada', XDG_CONFIG_HOME: '/c', XDG_DATA_HOME: 'relative' });
  assert.equal(xdg.configDir, '/c/speakr');
  assert.equal(
    xdg.dataDir,
    '/home/ada/.local/share/speakr',
    'relative paths are ignored, as the standard says',
  );
  assert.equal(
    resolvePaths('darwin', { HOME: '/Users/ada' }).dataDir,
    '/Users/ada/Library/Application Support/speakr',
  );
  const windows = resolvePaths('win32', {
    USERPROFILE: 'C:\\Users\\ada',
    APPDATA: 'C:\\Users\\ada\\AppData\\Roaming',
    LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local',
  });
  assert.equal(windows.configFile, 'C:\\Users\\ada\\AppData\\Roaming\\speakr\\config.json');
  assert.equal(windows.modelsDir, 'C:\\Users\\ada\\AppData\\Local\\speakr\\models');
});

test('another data directory leaves the models where they are', () => {
  const paths = resolvePaths('linux', { HOME: '/home/ada' }, { dataDir: '/elsewhere' });
  assert.equal(paths.spoolDir, '/elsewhere/spool');
  assert.equal(paths.modelsDir, '/home/ada/.local/share/speakr/models');
});
