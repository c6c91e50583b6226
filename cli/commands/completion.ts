import { completionScript, shells } from '../completion.ts';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';

export const definition = define({
  name: 'completion',
  summary: 'Print a completion script for your shell',
  group: 'Shell',
  arguments: [{ name: 'shell', choices: shells, summary: 'bash, zsh, fish or powershell' }],
  examples: ['source <(speakr completion bash)'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'output' | 'commands'>,
): Promise<void> {
  context.output.write(completionScript(options.shell, context.commands));
}
