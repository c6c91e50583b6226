import { readdirSync } from 'node:fs';
import type { Context } from './context.ts';
import { pullModel } from './pull-model.ts';
import { byteSize } from './time-format.ts';

/**
 * On a machine that has no models yet, before anything is recorded: says what speakr needs, asks, and fetches it with
 * progress. Nothing without a terminal, and nothing where another server or engine does the work; recording goes on
 * without models, too, and keeps the audio.
 */
export async function welcome(
  context: Pick<Context, 'config' | 'models' | 'output' | 'io' | 'ask'>,
): Promise<void> {
  const { output, io } = context;
  const { values, paths } = context.config();
  if (values.server !== undefined || values.recognizer === 'openai') return;
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true || !isEmpty(paths.modelsDir)) return;
  const models = await context.models();
  const missing = (await models.list()).filter((model) => model.default && model.state !== 'installed');
  if (missing.length === 0) return;
  const bytes = byteSize(missing.reduce((sum, model) => sum + model.bytes, 0));
  output.talk(
    `speakr writes down what is said, on this machine. For that it needs ${missing.length} models (${bytes}), which are fetched once and work without a network from then on.`,
  );
  const answer = await context.ask('Fetch them now? [Y/n] ');
  if (answer === undefined || /^n/i.test(answer.trim())) {
    output.talk('Recording works without them, too; `speakr models pull` fetches them later.');
    return;
  }
  for (const { id } of missing) await pullModel(id, { ...context, models });
}

function isEmpty(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch {
    return true;
  }
}
