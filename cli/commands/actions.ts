import { SpeakrError } from '@speakr/contracts/problem';
import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import type { Api } from '../embedded.ts';

const done = define({
  name: 'done',
  summary: 'Mark action items as done',
  arguments: [{ name: 'action', repeat: true, summary: 'Id as `speakr actions` shows it' }],
});

const reopen = define({
  name: 'reopen',
  summary: 'Mark action items as open again',
  arguments: [{ name: 'action', repeat: true, summary: 'Id as `speakr actions --all` shows it' }],
});

export const definition = define({
  name: 'actions',
  summary: 'Show who has to do what by when, over all recordings',
  group: 'Find',
  options: [
    { name: 'all', summary: 'Those that are done, too' },
    { name: 'done', summary: 'Only those that are done' },
    jsonOption,
  ],
  examples: ['speakr actions', 'speakr actions done 4d1e99.0'],
});

/** Actions are shown by the last characters of their recording and their number. */
const shortActionId = (id: string) => {
  const [recording = '', number = ''] = id.split(/\.(?=[^.]*$)/);
  return `${recording.slice(-6)}.${number}`;
};

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const { output } = context;
  const api = await context.api('read');
  const which = options.done ? 'true' : options.all ? 'all' : 'false';
  const page = { actions: await actionsOf(api, which) };
  if (options.json) return output.json(page);
  if (page.actions.length === 0) output.talk('There is nothing to do.');
  output.table(
    [
      { heading: 'id' },
      { heading: '' },
      { heading: 'what', shrink: true },
      { heading: 'who' },
      { heading: 'when' },
      { heading: 'recording' },
    ],
    page.actions.map(({ title, action }) => [
      shortActionId(action.id),
      action.done ? 'done' : 'open',
      action.what,
      action.who,
      action.dueOn === undefined ? action.when : `${action.when} (${action.dueOn})`,
      title,
    ]),
  );
}

const actionsOf = (api: Api, done: 'true' | 'false' | 'all') =>
  allPages(
    (page) => api.listActions({ query: { ...page, done } }),
    ({ actions }) => actions,
  );

async function resolveAction(api: Api, reference: string): Promise<string> {
  const actions = await actionsOf(api, 'all');
  const fitting = actions.filter(({ action }) => action.id === reference || action.id.endsWith(reference));
  const exact = fitting.find(({ action }) => action.id === reference);
  if (exact !== undefined) return exact.action.id;
  if (fitting.length > 1)
    throw new SpeakrError('ambiguous_id', `More than one action item ends in ${reference}.`);
  const only = fitting[0];
  if (only === undefined)
    throw new SpeakrError('not_found', `No action item ends in ${reference}.`, {
      hint: 'Run `speakr actions --all` to see what is there.',
    });
  return only.action.id;
}

const mark =
  (isDone: boolean) =>
  async (options: { action: string[] }, context: Pick<Context, 'api' | 'output'>): Promise<void> => {
    const api = await context.api('write');
    for (const reference of options.action) {
      const params = { action: await resolveAction(api, reference) };
      const action = await api.updateAction({ params, body: { done: isDone } });
      context.output.talk(`${isDone ? 'Done' : 'Open again'}: ${action.what}`);
    }
  };

export const subcommands = [
  { definition: done, run: mark(true) },
  { definition: reopen, run: mark(false) },
];
