import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Evaluation, ModelRegistry, Promotion } from '@speakr/contracts/model-registry';
import type { QueryResponse } from '@speakr/contracts/search';
import { startWhisper } from '../bench/whisper.ts';
import { answer } from '../scripts/until.ts';
import { buildCli, type Machine, newMachine, root } from './harness.ts';

// Models that take each other's place, with the real weights, as an administrator types it.

/** Folders as for `speakr bench`: what is heard, and what is asked. */
function evaluationFolders(machine: Machine): void {
  for (const [folder, names] of [
    ['heard', ['demo']],
    ['asked', ['standup', 'demo']],
  ] as const) {
    mkdirSync(machine.path(folder));
    for (const name of names)
      for (const ending of ['flac', 'txt'])
        cpSync(join(root, 'samples', `${name}.${ending}`), machine.path(`${folder}/${name}.${ending}`));
  }
  const questions = [
    { question: 'Why was the server down?', file: 'standup.flac' },
    { question: 'Who writes the manual?', file: 'standup.flac' },
    { question: 'When is the website launched?', file: 'demo.flac' },
  ];
  writeFileSync(
    machine.path('asked/questions.jsonl'),
    questions.map((each) => JSON.stringify(each)).join('\n'),
  );
}

const machineFor = () => {
  const machine = newMachine({
    SPEAKR_PROMOTION_MIN_SAMPLES: '3',
    SPEAKR_PROMOTION_MAX_WER_LOSS: '0.1',
    SPEAKR_PROMOTION_MAX_MRR_LOSS: '0.2',
  });
  evaluationFolders(machine);
  const json = async <T>(...words: string[]): Promise<T> => {
    const { code, stdout, stderr } = await machine.run([...words, '--json']);
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  const models = <T>(...words: string[]) => json<T>('admin', 'models', ...words);
  return { machine, json, models };
};

/** Evaluated beside the one that serves, promoted, used, and taken back. */
async function takesItsTurn(
  { machine, json, models }: ReturnType<typeof machineFor>,
  id: string,
  weights: readonly string[],
): Promise<void> {
  const serving = async () =>
    (await models<ModelRegistry>('list')).models.find((each) => each.kind === 'recognizer' && each.serving)
      ?.id;
  const modelOf = async () => {
    const { code, stderr } = await machine.run(['transcribe', join(root, 'samples', 'demo.flac')]);
    assert.equal(code, 0, stderr);
    const { recording, transcript } = await json<{
      recording: { model: string };
      transcript: { segments: { text: string }[] };
    }>('show', 'last');
    assert.match(transcript.segments.map(({ text }) => text).join(' '), /website.*March/is);
    return recording.model;
  };
  const first = (await serving())!;
  await models('register', id, '--weights', ...weights);
  for (const each of [first, id]) {
    const { value, metric, samples } = await models<Evaluation>('evaluate', 'heard', '--model', each);
    assert.deepEqual([metric, samples >= 20, value < 0.3], ['wer', true, true], `${each}: ${value}`);
  }
  assert.equal((await models<Promotion>('promote', id)).model, id);
  assert.equal(await serving(), id);
  assert.equal(await modelOf(), id);
  assert.equal((await models<Promotion>('rollback', 'recognizer')).model, first);
  assert.equal(await modelOf(), first);
}

describe('second models', () => {
  before(buildCli);

  it('the same recognizer with other options is evaluated, promoted, used and taken back', async () => {
    const place = machineFor();
    await using _ = place.machine;
    await takesItsTurn(place, 'one-worker', ['moonshine-tiny-en', '--max-workers', '1']);
  });

  it('so is faster-whisper behind the API of OpenAI', async (t) => {
    if (process.env.SPEAKR_TEST_WHISPER !== '1')
      return t.skip('set SPEAKR_TEST_WHISPER=1 to promote faster-whisper (needs Python 3)');
    const server = await startWhisper();
    t.after(() => server.close());
    const place = machineFor();
    await using _ = place.machine;
    await takesItsTurn(place, 'whisper-tiny-en', [`${server.baseUrl}#tiny.en`]);
  });

  it('the same embedder with shorter vectors serves when everything has them, and search never stops', async () => {
    const place = machineFor();
    await using machine = place.machine;
    const { json, models } = place;
    const { code, stderr } = await machine.run(['transcribe', join(root, 'samples', 'standup.flac')]);
    assert.equal(code, 0, stderr);
    const find = async () => (await json<QueryResponse>('query', 'Why was the server down?')).hits[0]?.text;
    assert.match((await find()) ?? '', /server was down/);
    const registry = () => models<ModelRegistry>('list');
    const [first = ''] = (await registry()).models
      .filter(({ kind, serving }) => kind === 'embedder' && serving)
      .map(({ id }) => id);
    await models('register', 'minilm-192', '--kind', 'embedder', '--weights', first, '--dimensions', '192');
    for (const id of [first, 'minilm-192']) {
      const { metric, value } = await models<Evaluation>('evaluate', 'asked', '--model', id);
      assert.deepEqual([metric, value > 0.8], ['mrr', true], `${id}: ${value}`);
    }
    assert.equal((await models<Promotion>('promote', 'minilm-192')).state, 'switching');
    await answer(
      'everything has the new vectors',
      async () => {
        assert.match((await find()) ?? '', /server was down/);
        return registry();
      },
      ({ promotions }) => promotions[0]?.state === 'active',
    );
    assert.match((await find()) ?? '', /server was down/);
    assert.equal((await models<Promotion>('rollback', 'embedder')).model, first);
    assert.match((await find()) ?? '', /server was down/);
  });
});
