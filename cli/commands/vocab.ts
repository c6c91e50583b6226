import { SpeakrError } from '@speakr/contracts/problem';
import { Term, type VocabularyTerm } from '@speakr/contracts/vocabulary';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { changeProjectVocabulary, findProjectVocabulary } from '../project-vocabulary.ts';

export const definition = define({
  name: 'vocab',
  summary: 'Keep names and terms that recognition and notes should know',
  details:
    'Terms are kept for everything, for recordings with a tag, or for a project: the nearest .speakr/vocabulary upwards from where you record, one term a line. Speech servers that can be told what to expect are told (see docs/vocabulary.md), and so is the language model that writes notes.',
  group: 'Change',
  options: [jsonOption],
  examples: [
    'speakr vocab add Kubernetes "Nguyễn Văn An"',
    'speakr vocab add Metformin --tag clinic',
    'speakr vocab add speakr --project',
    'speakr vocab remove Kubernetes',
  ],
});

const where = [
  { name: 'tag', value: 'TAG', summary: 'Only for recordings with this tag' },
  { name: 'project', summary: 'In the .speakr/vocabulary of this project' },
  jsonOption,
] as const;

const list = define({ name: 'list', summary: 'List the terms', options: [jsonOption] });
const add = define({
  name: 'add',
  summary: 'Add terms',
  arguments: [{ name: 'term', repeat: true, summary: 'Term as it is spelled; in quotes when it has spaces' }],
  options: where,
});
const remove = define({
  name: 'remove',
  summary: 'Remove terms',
  arguments: [{ name: 'term', repeat: true, summary: 'Term as it was added' }],
  options: where,
});

type Needs = Pick<Context, 'api' | 'output' | 'io'>;

export async function run(options: OptionsOf<typeof definition>, context: Needs): Promise<void> {
  const { output, io } = context;
  const { terms } = await (await context.api('read')).getVocabulary({});
  const project = await findProjectVocabulary(io.cwd);
  if (options.json) return output.json({ terms, project: project ?? null });
  const rows = [
    ...terms.map(({ term, tag }) => [term, tag === undefined ? '' : `#${tag}`]),
    ...(project?.terms ?? []).map((term) => [term, 'this project']),
  ];
  if (rows.length === 0) output.talk('There are no terms yet; `speakr vocab add` adds some.');
  else output.table([{ heading: 'term', shrink: true }, { heading: 'where' }], rows);
}

type Change = OptionsOf<typeof add>;

async function runAdd(options: Change, context: Needs): Promise<void> {
  await change('add', options, context);
}

async function runRemove(options: Change, context: Needs): Promise<void> {
  await change('remove', options, context);
}

async function change(how: 'add' | 'remove', options: Change, context: Needs): Promise<void> {
  const { output, io } = context;
  const words = options.term.map((term) => term.trim().normalize('NFC'));
  if (options.project && options.tag !== undefined)
    throw new SpeakrError('usage', '--tag and --project do not go together.', {
      hint: 'A project has one list.',
    });
  if (words.some((word) => !Term.safeParse(word).success))
    throw new SpeakrError('usage', 'A term has between 1 and 100 characters.', { hint: 'Shorten it.' });
  if (options.project) {
    const before = (await findProjectVocabulary(io.cwd))?.terms ?? [];
    const path = await changeProjectVocabulary(io.cwd, { [how]: words });
    const after = (await findProjectVocabulary(io.cwd))?.terms ?? [];
    if (options.json) output.json({ path, terms: after });
    else tell(how, Math.abs(after.length - before.length), words.length, output);
    return;
  }
  const tag = options.tag?.replace(/^#/, '');
  const terms: VocabularyTerm[] = words.map((term) => ({ term, ...(tag === undefined ? {} : { tag }) }));
  const api = await context.api('write');
  const before = (await api.getVocabulary({})).terms;
  const after = await api.changeVocabulary({ body: { [how]: terms } });
  if (options.json) output.json(after);
  else tell(how, Math.abs(after.terms.length - before.length), words.length, output);
}

function tell(how: 'add' | 'remove', changed: number, asked: number, output: Context['output']): void {
  const terms = changed === 1 ? '1 term' : `${changed} terms`;
  if (how === 'add')
    output.talk(changed === asked ? `Added ${terms}.` : `Added ${terms}; the others were there already.`);
  else output.talk(changed === asked ? `Removed ${terms}.` : `Removed ${terms}; the others were not there.`);
}

export const subcommands = [
  { definition: list, run },
  { definition: add, run: runAdd },
  { definition: remove, run: runRemove },
];
