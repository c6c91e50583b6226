import { STREAM_PROTOCOL } from '@speakr/contracts/stream';
import { byteSize } from '../time-format.ts';
import { version } from '../version.ts';
import type { Check } from './finding.ts';

const ANSWER_MS = 5000;

/** Whether the models that recordings need are there, at first sight. */
export const checkModels: Check = async ({ config, models }) => {
  const { server, recognizer, model, recognizerUrl = '' } = config().values;
  if (server !== undefined) return { state: 'ok', detail: 'those of the server' };
  const external = recognizer === 'openai';
  const needed = (await (await models()).list()).filter(
    ({ id, default: isDefault, kind }) =>
      (model === undefined || kind !== 'recognizer' ? isDefault : id === model) &&
      !(external && kind === 'recognizer'),
  );
  if (!external && model !== undefined && !needed.some(({ id }) => id === model))
    return {
      state: 'problem',
      detail: `The model ${model} is not in the catalogue.`,
      fix: 'Choose one of `speakr models list`, or remove the setting "model".',
    };
  const broken = needed.find(({ state }) => state !== 'installed');
  if (broken !== undefined) {
    const bytes = needed
      .filter(({ state }) => state !== 'installed')
      .reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      state: 'problem',
      detail: broken.detail ?? `The model ${broken.id} is not installed.`,
      fix: `Run: speakr models pull${broken.default ? '' : ` ${broken.id}`} (${byteSize(bytes)})`,
    };
  }
  if (external && !(await answers(recognizerUrl)))
    return {
      state: 'problem',
      detail: `The speech server ${recognizerUrl} does not answer.`,
      fix: 'Start it, or correct the setting "recognizerUrl".',
    };
  return { state: 'ok', detail: needed.map(({ id }) => id).join(', ') };
};

/** Whether the server answers; the one of this machine is started when it does not run. */
export const checkServer: Check = async ({ config, api }) => {
  const { server, llmUrl } = config().values;
  const status = await (await api('write')).getStatus({});
  if (status.protocol !== STREAM_PROTOCOL)
    return {
      state: 'problem',
      detail: `It speaks stream protocol ${status.protocol}, this speakr ${STREAM_PROTOCOL}.`,
      fix: status.protocol > STREAM_PROTOCOL ? 'Update speakr.' : 'Have the server updated.',
    };
  if (llmUrl !== undefined && !(await answers(llmUrl)))
    return {
      state: 'warning',
      detail: `The language model at ${llmUrl} does not answer; notes are written without one.`,
      fix: 'Start it, or correct the setting "llmUrl".',
    };
  const where = server ?? 'of this machine';
  const other = status.version === version ? '' : `, this is ${version}`;
  return { state: 'ok', detail: `${where}, version ${status.version}${other}` };
};

/** Any answer will do: the key is not shown to whom it may not belong. */
async function answers(url: string): Promise<boolean> {
  try {
    const { body } = await fetch(`${url.replace(/\/+$/, '')}/models`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await body?.cancel();
    return true;
  } catch {
    return false;
  }
}
