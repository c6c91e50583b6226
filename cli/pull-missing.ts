import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from './context.ts';
import { pullModel } from './pull-model.ts';
import { byteSize } from './time-format.ts';

/**
 * Offers on a terminal to fetch what a failed call lacked.
 * @returns true when the models are there now and the call is worth repeating
 */
export async function pullMissing(
  error: unknown,
  context: Pick<Context, 'models' | 'output' | 'io' | 'ask'>,
): Promise<boolean> {
  if (!(error instanceof SpeakrError) || (error.code !== 'model_missing' && error.code !== 'model_invalid'))
    return false;
  if (context.io.stdin.isTTY !== true) return false;
  const models = await context.models();
  const missing = (await models.list()).filter((model) => model.default && model.state !== 'installed');
  if (missing.length === 0) return false;
  const bytes = missing.reduce((sum, model) => sum + model.bytes, 0);
  context.output.talk(error.message);
  const answer = await context.ask(`Fetch the models now (${byteSize(bytes)})? [Y/n] `);
  if (answer === undefined || /^n/i.test(answer.trim())) return false;
  for (const { id } of missing) await pullModel(id, { ...context, models });
  return true;
}
