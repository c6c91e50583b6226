import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import type { Evaluation, ModelRegistry, Promotion } from '@speakr/contracts/model-registry';
import type { QueryResponse } from '@speakr/contracts/search';
import { startWhisper } from '../bench/whisper.ts';
import { answer } from '../scripts/until.ts';
import { fleetMissing, testFleet } from '../server/fixtures/test-fleet.ts';
import { buildCli, type Machine, modelsDir, newMachine, root } from './harness.ts';

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

const gates = {
  SPEAKR_PROMOTION_MIN_SAMPLES: '3',
  SPEAKR_PROMOTION_MAX_WER_LOSS: '0.1',
  SPEAKR_PROMOTION_MAX_MRR_LOSS: '0.2',
};

/** @param env the server it works with; one of its own when absent */
const machineFor = (env: Record<string, string> = gates) => {
  const machine = newMachine(env);
  evaluationFolders(machine);
  const json = async <T>(...words: string[]): Promise<T> => {
    const { code, stdout, stderr } = await machine.run([...words, '--json']);
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  const models = <T>(...words: string[]) => json<T>('admin', 'models', ...words);
  const serving = async (kind: 'recognizer' | 'embedder') =>
    (await models<ModelRegistry>('list')).models.find((each) => each.kind === kind && each.serving)?.id ?? '';
  /** Transcribes something, and says by which model. */
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
  /** Registers it, and measures it and the one that serves on the same folder. @returns that one */
  const evaluated = async (id: string, weights: readonly string[]) => {
    const first = await serving('recognizer');
    await models('register', id, '--weights', ...weights);
    for (const each of [first, id]) {
      const { value, metric, samples } = await models<Evaluation>('evaluate', 'heard', '--model', each);
      assert.deepEqual([metric, samples >= 20, value < 0.3], ['wer', true, true], `${each}: ${value}`);
    }
    return first;
  };
  return { machine, json, models, serving, modelOf, evaluated };
};

/** The command line of an administrator of a fleet with real models. */
async function fleetFor(t: TestContext) {
  const fleet = await testFleet(t, { env: { ...gates, SPEAKR_MODELS_DIR: modelsDir } });
  const parts = { recognizer: undefined, voiceActivity: undefined, embedder: undefined };
  const { url } = await fleet.start(['gateway'], { parts });
  await fleet.start(['ingestion', 'transcriber', 'embedder', 'notes', 'archiver', 'nlp', 'admin'], { parts });
  return machineFor({ SPEAKR_SERVER: url, SPEAKR_TOKEN: 'olga', SPEAKR_FAILOVER: 'off' });
}

/** Evaluated beside the one that serves, promoted, used, and taken back. */
async function takesItsTurn(
  { models, serving, modelOf, evaluated }: ReturnType<typeof machineFor>,
  id: string,
  weights: readonly string[],
): Promise<void> {
  const first = await evaluated(id, weights);
  assert.equal((await models<Promotion>('promote', id)).model, id);
  assert.equal(await serving('recognizer'), id);
  assert.equal(await modelOf(), id);
  assert.equal((await models<Promotion>('rollback', 'recognizer')).model, first);
  assert.equal(await modelOf(), first);
}

/** The same embedder with shorter vectors takes its turn, and search never stops. */
async function getsShorterVectors({
  machine,
  json,
  models,
  serving,
}: ReturnType<typeof machineFor>): Promise<void> {
  const { code, stderr } = await machine.run(['transcribe', join(root, 'samples', 'standup.flac')]);
  assert.equal(code, 0, stderr);
  const find = async () => (await json<QueryResponse>('query', 'Why was the server down?')).hits[0]?.text;
  assert.match((await find()) ?? '', /server was down/);
  const registry = () => models<ModelRegistry>('list');
  const first = await serving('embedder');
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
}

const missing = await fleetMissing();

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
    await using _ = place.machine;
    await getsShorterVectors(place);
  });

  it('so they are in a fleet, each process with models of its own', { skip: missing }, async (t) => {
    const place = await fleetFor(t);
    await using _ = place.machine;
    await takesItsTurn(place, 'one-worker', ['moonshine-tiny-en', '--max-workers', '1']);
    await getsShorterVectors(place);
  });

  it('one whose weights are damaged is not promoted, and the one before goes on', async () => {
    const place = machineFor();
    await using machine = place.machine;
    const { models, evaluated, serving, modelOf } = place;
    const folder = machine.path('models');
    cpSync(modelsDir, folder, { recursive: true });
    machine.env.SPEAKR_MODELS_DIR = folder;
    // One thread, which has what it needs before the files are damaged.
    await evaluated('one-worker', ['moonshine-tiny-en', '--max-workers', '1']);
    await models('promote', 'one-worker');
    await evaluated('damaged', ['moonshine-tiny-en']);
    assert.equal(await modelOf(), 'one-worker');
    const file = join(folder, 'moonshine-tiny-en', 'decoder_model_merged.ort');
    const bytes = readFileSync(file);
    bytes[20_000_000]! ^= 1;
    writeFileSync(file, bytes);
    const { code, stdout, stderr } = await machine.run(['admin', 'models', 'promote', 'damaged', '--json']);
    assert.equal(code, 1, stderr);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.equal(error.code, 'model_not_promoted');
    assert.match(error.message, /cannot be used.*decoder_model_merged\.ort/s);
    assert.equal(await serving('recognizer'), 'one-worker');
    assert.equal(await modelOf(), 'one-worker');
  });
});
