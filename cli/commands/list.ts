import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { mentionSpools } from '../recorder/mention-spools.ts';
import { clockTime, dateTime, parseMoment, shortId } from '../time-format.ts';

export const definition = define({
  name: 'list',
  summary: 'List recordings, newest first',
  group: 'Find',
  options: [
    { name: 'tag', value: 'TAG', repeat: true, summary: 'Only with this tag; may be repeated' },
    { name: 'since', value: 'WHEN', summary: 'Started at or after: 2026-11-21, or an age such as 7d' },
    { name: 'until', value: 'WHEN', summary: 'Started before' },
    { name: 'limit', value: 'N', number: true, summary: 'How many at the most (50)' },
    { name: 'cancelled', summary: 'Discarded recordings, which `speakr recover --undo` takes back' },
    { name: 'shared', summary: 'What others share with you instead' },
    { name: 'output', short: 'o', value: 'FORMAT', choices: ['text', 'id'], summary: 'text, or ids only' },
    jsonOption,
  ],
  examples: [
    'speakr list --tag launch --since 7d',
    'speakr list -o id | xargs -n1 speakr export --format md',
  ],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output' | 'clock' | 'config'>,
): Promise<void> {
  const { output, clock } = context;
  const now = clock.now();
  const api = await context.api('read');
  if (options.shared) return listShared(options, api, output);
  let left = options.limit ?? 50;
  let cursor: string | undefined;
  const found = [];
  do {
    const page = await api.listRecordings({
      query: {
        limit: Math.min(left, 200),
        ...(cursor === undefined ? {} : { cursor }),
        ...(options.tag === undefined ? {} : { tag: options.tag }),
        ...(options.since === undefined ? {} : { since: parseMoment(options.since, now) }),
        ...(options.until === undefined ? {} : { until: parseMoment(options.until, now) }),
        ...(options.cancelled ? { cancelled: 'true' as const } : {}),
      },
    });
    found.push(...page.recordings);
    left -= page.recordings.length;
    cursor = page.recordings.length === 0 ? undefined : page.nextCursor;
  } while (cursor !== undefined && left > 0);

  if (options.json)
    output.json({ recordings: found, ...(cursor === undefined ? {} : { nextCursor: cursor }) });
  else if (options.output === 'id') for (const { id } of found) output.line(id);
  else if (found.length === 0 && output.tty) output.talk('Nothing is recorded yet. `speakr record` starts.');
  else
    output.table(
      [
        { heading: 'id' },
        { heading: 'started' },
        { heading: 'length', right: true },
        { heading: 'title', shrink: true },
        { heading: 'tags' },
        { heading: 'state' },
      ],
      found.map((recording) => [
        shortId(recording.id),
        dateTime(recording.startedAt),
        clockTime(recording.durationMs),
        recording.title,
        recording.tags.map((tag) => `#${tag}`).join(' '),
        recording.state === 'ready' ? '' : recording.state,
      ]),
    );
  await mentionSpools(context);
}

async function listShared(
  options: OptionsOf<typeof definition>,
  api: Awaited<ReturnType<Context['api']>>,
  output: Context['output'],
): Promise<void> {
  const recordings = await allPages(
    (query) => api.listShared({ query }),
    (page) => page.recordings,
  );
  if (options.json) output.json({ recordings });
  else if (options.output === 'id') for (const { recording } of recordings) output.line(recording.id);
  else if (recordings.length === 0 && output.tty) output.talk('Nobody shares a recording with you.');
  else
    output.table(
      [
        { heading: 'id' },
        { heading: 'of' },
        { heading: 'started' },
        { heading: 'length', right: true },
        { heading: 'title', shrink: true },
      ],
      recordings.map(({ owner, recording }) => [
        shortId(recording.id),
        owner,
        dateTime(recording.startedAt),
        clockTime(recording.durationMs),
        recording.title,
      ]),
    );
}
