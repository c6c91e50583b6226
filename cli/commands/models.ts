import type { ModelInfo } from '@speakr/contracts/model';
import type { ExitCode } from '@speakr/contracts/problem';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import type { Models } from '../embedded.ts';
import { errorLine } from '../output.ts';
import { pullModel } from '../pull-model.ts';
import { byteSize } from '../time-format.ts';

export const definition = define({
  name: 'models',
  summary: 'List, fetch and check the models',
  group: 'Care',
  options: [jsonOption],
  examples: ['speakr models list', 'speakr models pull', 'speakr models import /media/usb/models'],
});

const modelsArgument = { name: 'model', optional: true, repeat: true } as const;

const list = define({ name: 'list', summary: 'List the models of the catalogue', options: [jsonOption] });
const pull = define({
  name: 'pull',
  summary: 'Fetch models, or mend damaged ones',
  arguments: [{ ...modelsArgument, summary: 'Model id; the default models when none is named' }],
});
const verify = define({
  name: 'verify',
  summary: 'Read every byte of the models and compare',
  arguments: [{ ...modelsArgument, summary: 'Model id; the default models when none is named' }],
  options: [
    { name: 'quick', summary: 'Only look whether the files are there and of the right size' },
    { name: 'quiet', summary: 'Say nothing; the exit code tells' },
  ],
});
const importDefinition = define({
  name: 'import',
  summary: 'Install models from a directory, for machines without a network',
  arguments: [{ name: 'directory', summary: 'Directory with a folder for each model, or the files of one' }],
});
const remove = define({
  name: 'remove',
  summary: 'Remove models from this machine',
  arguments: [{ name: 'model', repeat: true, summary: 'Model id' }],
});

type Needs = Pick<Context, 'models' | 'output' | 'io'>;

const defaultIds = async (models: Models) =>
  (await models.list()).filter((model) => model.default).map((model) => model.id);

export async function run(options: OptionsOf<typeof definition>, context: Needs): Promise<void> {
  const { output } = context;
  const found = await (await context.models()).list();
  if (options.json) return output.json({ models: found });
  output.table(
    [
      { heading: 'id' },
      { heading: 'kind' },
      { heading: 'languages' },
      { heading: 'size', right: true },
      { heading: 'licence', shrink: true },
      { heading: 'state' },
    ],
    found.map((model: ModelInfo) => [
      model.default ? `${model.id} *` : model.id,
      model.kind,
      model.languages.length > 4 ? `${model.languages.length} languages` : model.languages.join(' '),
      byteSize(model.bytes),
      model.commercialUse ? model.licence : `${model.licence} (not for commercial use)`,
      model.state,
    ]),
  );
  for (const { state, detail } of found) if (state === 'invalid' && detail) output.talk(detail);
}

async function runPull(options: OptionsOf<typeof pull>, context: Needs): Promise<void> {
  const models = await context.models();
  const ids = options.model.length > 0 ? options.model : await defaultIds(models);
  for (const id of ids) models.describe(id);
  for (const id of ids) await pullModel(id, { ...context, models });
}

async function runVerify(options: OptionsOf<typeof verify>, context: Needs): Promise<ExitCode> {
  const { output } = context;
  const models = await context.models();
  const ids = options.model.length > 0 ? options.model : await defaultIds(models);
  const states = options.quick ? await models.list() : [];
  let exitCode: ExitCode = 0;
  for (const id of ids) {
    try {
      models.describe(id);
      const state = states.find((model) => model.id === id)?.state;
      if (state === 'missing' || state === 'invalid')
        throw new SpeakrError(state === 'missing' ? 'model_missing' : 'model_invalid', `${id} is ${state}.`, {
          hint: `Run \`speakr models pull ${id}\`.`,
        });
      if (!options.quick) await models.verify(id);
      if (!options.quiet) output.line(`${id}: ${options.quick ? 'there' : 'every byte is right'}`);
    } catch (error) {
      if (!(error instanceof SpeakrError)) throw error;
      if (!options.quiet) output.talk(errorLine(error));
      exitCode = error.definition.exitCode;
    }
  }
  return exitCode;
}

async function runImport(options: OptionsOf<typeof importDefinition>, context: Needs): Promise<void> {
  for (const id of await (await context.models()).import(options.directory))
    context.output.talk(`Installed ${id}.`);
}

async function runRemove(options: OptionsOf<typeof remove>, context: Needs): Promise<void> {
  const models = await context.models();
  for (const id of options.model)
    context.output.talk((await models.remove(id)) ? `Removed ${id}.` : `${id} was not installed.`);
}

export const subcommands = [
  { definition: list, run },
  { definition: pull, run: runPull },
  { definition: verify, run: runVerify },
  { definition: importDefinition, run: runImport },
  { definition: remove, run: runRemove },
];
