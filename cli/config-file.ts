import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { SettingName } from './settings.ts';

/**
 * Writes one setting into the configuration file and leaves everything else in it as it is.
 * @param value undefined removes it
 * @throws SpeakrError `config_invalid` when the file cannot be read as JSON or not be written
 */
export function rememberSetting(configFile: string, name: SettingName, value: string | undefined): void {
  let settings: Record<string, unknown> = {};
  try {
    settings = JSON.parse(readFileSync(configFile, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new SpeakrError('config_invalid', `${configFile} cannot be read.`, { cause });
  }
  if (value === undefined) delete settings[name];
  else settings[name] = value;
  const temporary = `${configFile}.${process.pid}`;
  try {
    mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, configFile);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new SpeakrError(
      'config_invalid',
      `${configFile} cannot be written (${(cause as NodeJS.ErrnoException).code}).`,
      { cause },
    );
  }
}
