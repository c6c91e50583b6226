import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { type Setting, settingNames, settings } from '../settings.ts';

export const definition = define({
  name: 'config',
  summary: 'Show the effective configuration and where each value comes from',
  details:
    'A value given as a flag wins over one of the environment, and that over one of the file. Secrets are not shown.',
  group: 'Care',
  options: [jsonOption],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'config' | 'output'>,
): Promise<void> {
  const { output } = context;
  const { values, sources, paths } = context.config();
  const rows = settingNames.map((name) => {
    const setting: Setting = settings[name];
    const value = values[name];
    return {
      name,
      value: value === undefined ? null : setting.secret ? '(hidden)' : value,
      source: sources[name] ?? 'unset',
      environment: setting.env,
    };
  });
  if (options.json) return output.json({ settings: rows, paths });
  output.table(
    [{ heading: 'setting' }, { heading: 'value' }, { heading: 'from' }, { heading: 'variable' }],
    rows.map((row) => [row.name, row.value === null ? '' : String(row.value), row.source, row.environment]),
  );
  output.talk(`File: ${paths.configFile}`);
  output.talk(`Data: ${paths.dataDir}`);
  output.talk(`Models: ${paths.modelsDir}`);
}
