import { type Evaluation, type Promotion, promotableKinds } from '@speakr/contracts/model-registry';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { dateTime } from '../time-format.ts';
import { evaluate } from './evaluate.ts';

const definition = define({
  name: 'models',
  summary: 'Models that serve: register, evaluate, promote, roll back',
  examples: [
    'speakr admin models register four-workers --weights moonshine-tiny-en --max-workers 4',
    'speakr admin models evaluate ~/evaluation --model four-workers',
    'speakr admin models promote four-workers',
    'speakr admin models rollback recognizer',
  ],
});
const list = define({
  name: 'list',
  summary: 'List the models that can serve, and what was promoted',
  options: [jsonOption],
});
const register = define({
  name: 'register',
  summary: 'Register a model',
  arguments: [{ name: 'id', summary: 'How it shall be called: lower-case letters, digits and ._-' }],
  options: [
    {
      name: 'weights',
      value: 'MODEL',
      summary: 'A model of `speakr models list`, http://host/v1#MODEL of a speech server, or hash',
    },
    { name: 'kind', value: 'KIND', choices: promotableKinds, summary: 'recognizer (default) or embedder' },
    { name: 'max-workers', value: 'N', number: true, summary: 'Most worker threads of a recognizer' },
    {
      name: 'dimensions',
      value: 'N',
      number: true,
      summary: 'Length of the vectors: of hash any, of others their first components',
    },
    jsonOption,
  ],
});
const evaluateDefinition = define({
  name: 'evaluate',
  summary: 'Measure a model on a folder as for `speakr bench`, and note the figure at the server',
  details:
    'Word errors of a recognizer. Of an embedder the mean reciprocal rank of the recordings that answer the questions in questions.jsonl of the folder. Evaluate the serving model on the same folder, too: a promotion compares them.',
  arguments: [{ name: 'folder', summary: 'Folder with audio and references' }],
  options: [
    { name: 'model', value: 'ID', summary: 'The model; the serving recognizer when absent' },
    { name: 'language', value: 'CODE', summary: 'Spoken language, ISO 639-1' },
    jsonOption,
  ],
});
const promote = define({
  name: 'promote',
  summary: 'Try a model, check its gates, and let it serve',
  details:
    'What runs keeps the model it began with. A new embedder serves when everything has its vectors; until then the old ones do.',
  arguments: [{ name: 'id', summary: 'Id of the model' }],
  options: [jsonOption],
});
const rollback = define({
  name: 'rollback',
  summary: 'Let the model before serve again, or give up an exchange under way',
  arguments: [{ name: 'kind', choices: promotableKinds, summary: 'recognizer or embedder' }],
  options: [jsonOption],
});
const remove = define({
  name: 'remove',
  summary: 'Forget a registered model that does not serve',
  arguments: [{ name: 'id', summary: 'Id of the model' }],
  options: [jsonOption],
});

type Needs = Pick<Context, 'api' | 'output'>;

const figureOf = ({ metric, value, samples }: Evaluation) =>
  metric === 'wer'
    ? `${(value * 100).toFixed(1)} % word errors of ${samples} words`
    : `mean reciprocal rank ${value.toFixed(3)} of ${samples} questions`;

const shortFigureOf = ({ metric, value, samples }: Evaluation) =>
  metric === 'wer'
    ? `WER ${(value * 100).toFixed(1)} % (${samples} words)`
    : `MRR ${value.toFixed(3)} (${samples} questions)`;

function sentenceOf({ model, previous, kind, state, progress }: Promotion): string {
  if (state === 'active') return `${model} serves as ${kind}, in the place of ${previous}.`;
  if (state === 'switching')
    return `${previous} serves until everything has vectors of ${model} (${Math.round(progress * 100)} %).`;
  return `${previous} goes on serving; ${model} was given up.`;
}

async function runList({ json }: OptionsOf<typeof list>, { api, output }: Needs): Promise<void> {
  const found = await (await api('write')).getModelRegistry();
  if (json) return output.json(found);
  output.table(
    [
      { heading: 'model' },
      { heading: 'kind' },
      { heading: 'made of', shrink: true },
      { heading: 'serves' },
      { heading: 'evaluated', shrink: true },
    ],
    found.models.map(({ id, kind, weights, serving, evaluations: [newest] }) => [
      id,
      kind,
      weights,
      serving ? 'yes' : 'no',
      newest === undefined ? 'never' : shortFigureOf(newest),
    ]),
  );
  const underWay = found.promotions.find(({ state }) => state === 'switching');
  if (underWay !== undefined) output.talk(sentenceOf(underWay));
  const [last] = found.promotions.filter(({ state }) => state === 'active');
  if (last !== undefined)
    output.talk(`${sentenceOf(last)} Since ${dateTime(last.activeAt ?? last.at)}, by ${last.by}.`);
}

async function runRegister(options: OptionsOf<typeof register>, { api, output }: Needs): Promise<void> {
  const { id, weights, kind = 'recognizer', maxWorkers, dimensions, json } = options;
  if (!/^[a-z0-9][a-z0-9._-]{0,79}$/.test(id))
    throw new SpeakrError('usage', `${id} cannot be the id of a model.`, {
      hint: 'Take up to 80 lower-case letters, digits and ._-',
    });
  if (weights === undefined)
    throw new SpeakrError('usage', '--weights is missing.', {
      hint: '`speakr models list` has what can be named.',
    });
  const made = await (await api('write')).registerModel({
    body: {
      id,
      weights,
      kind: promotableKinds.find((each) => each === kind) ?? 'recognizer',
      options: {
        ...(maxWorkers === undefined ? {} : { maxWorkers }),
        ...(dimensions === undefined ? {} : { dimensions }),
      },
    },
  });
  if (json) output.json(made);
  else output.talk(`${made.id} is registered; \`speakr admin models evaluate\` it next.`);
}

async function runEvaluate(options: OptionsOf<typeof evaluateDefinition>, context: Context): Promise<void> {
  const { io, output } = context;
  const abort = new AbortController();
  const interrupt = () =>
    abort.abort(new SpeakrError('interrupted', 'Interrupted.', { hint: 'Run it again.' }));
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) io.signals.once(signal, interrupt);
  try {
    const { models } = await (await context.api('write')).getStatus();
    const model = options.model ?? models.recognizer;
    const language = options.language ?? context.config().values.language;
    const evaluation = await evaluate(options.folder, { model, language, signal: abort.signal }, context);
    if (options.json) output.json(evaluation);
    else output.line(`${model}: ${figureOf(evaluation)}`);
  } finally {
    output.progress('');
    for (const signal of signals) io.signals.removeListener(signal, interrupt);
  }
}

async function runPromote({ id, json }: OptionsOf<typeof promote>, { api, output }: Needs): Promise<void> {
  const promotion = await (await api('write')).promoteModel({ params: { model: id } });
  if (json) output.json(promotion);
  else output.talk(sentenceOf(promotion));
}

async function runRollback(
  { kind, json }: OptionsOf<typeof rollback>,
  { api, output }: Needs,
): Promise<void> {
  const chosen = promotableKinds.find((each) => each === kind) ?? 'recognizer';
  const promotion = await (await api('write')).rollbackModel({ body: { kind: chosen } });
  if (json) output.json(promotion);
  else output.talk(sentenceOf(promotion));
}

async function runRemove({ id, json }: OptionsOf<typeof remove>, { api, output }: Needs): Promise<void> {
  await (await api('write')).removeModel({ params: { model: id } });
  if (json) output.json({ removed: id });
  else output.talk(`${id} is forgotten.`);
}

export const modelsCommand = {
  definition,
  subcommands: [
    { definition: list, run: runList },
    { definition: register, run: runRegister },
    { definition: evaluateDefinition, run: runEvaluate },
    { definition: promote, run: runPromote },
    { definition: rollback, run: runRollback },
    { definition: remove, run: runRemove },
  ],
};
