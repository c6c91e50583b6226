import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { byteSize } from '../time-format.ts';

export const definition = define({
  name: 'storage',
  summary: 'Show how much is stored, and where',
  group: 'Care',
  options: [jsonOption],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const { output } = context;
  const report = await (await context.api('read')).getStorage({});
  if (options.json) return output.json(report);
  output.line(`recordings  ${report.recordings}`);
  output.line(`audio       ${byteSize(report.audioBytes)}`);
  output.line(`database    ${byteSize(report.databaseBytes)}`);
  output.line(`models      ${byteSize(report.modelBytes)}`);
  output.line(`directory   ${report.dataDir}`);
}
