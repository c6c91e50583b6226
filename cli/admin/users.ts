import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { byteSize, clockTime, dateTime, duration } from '../time-format.ts';

const users = define({
  name: 'users',
  summary: 'List everybody who has ever recorded',
  options: [jsonOption],
});
const quotas = define({
  name: 'quotas',
  summary: 'Show the limits, and who uses them',
  options: [jsonOption],
});
const audit = define({
  name: 'audit',
  summary: 'Show who did what with whose data, newest first',
  options: [
    { name: 'user', value: 'NAME', summary: 'Only about the data of this user' },
    { name: 'limit', value: 'N', number: true, summary: 'How many at the most (100)' },
    jsonOption,
  ],
});

type Needs = Pick<Context, 'api' | 'output'>;

async function runUsers({ json }: OptionsOf<typeof users>, { api, output }: Needs): Promise<void> {
  const server = await api('write');
  const found = await allPages(
    (query) => server.listUsers({ query }),
    (page) => page.users,
  );
  if (json) return output.json({ users: found });
  if (found.length === 0) return output.talk('Nobody has recorded anything yet.');
  output.table(
    [
      { heading: 'user', shrink: true },
      { heading: 'recordings', right: true },
      { heading: 'audio', right: true },
      { heading: 'last' },
      { heading: 'open jobs', right: true },
      { heading: 'live', right: true },
    ],
    found.map(({ user, recordings, audioMs, lastRecordingAt, openJobs, liveSessions }) => [
      user,
      `${recordings}`,
      clockTime(audioMs),
      lastRecordingAt === undefined ? 'never' : dateTime(lastRecordingAt),
      `${openJobs}`,
      `${liveSessions}`,
    ]),
  );
}

async function runQuotas({ json }: OptionsOf<typeof quotas>, { api, output }: Needs): Promise<void> {
  const found = await (await api('write')).getQuotas();
  if (json) return output.json(found);
  const limit = (value: number, say: (value: number) => string) => (value === 0 ? 'no limit' : say(value));
  output.table(
    [{ heading: 'limit' }, { heading: 'value', right: true }],
    [
      ['requests of a user', limit(found.requestsPerMinute, (each) => `${each} a minute`)],
      ['requests from an address', limit(found.requestsPerMinuteOfAddress, (each) => `${each} a minute`)],
      ['live recordings of a user', limit(found.liveSessions, String)],
      ['unfinished recordings of a user', limit(found.unfinishedRecordings, String)],
      ['length of a recording', limit(found.recordingMs, duration)],
      ['size of an upload', byteSize(found.uploadBytes)],
      ['length of an upload', duration(found.uploadMs)],
    ],
  );
  for (const { user, sessions } of found.liveSessionsInUse) output.talk(`${user} feeds ${sessions}.`);
}

async function runAudit(options: OptionsOf<typeof audit>, { api, output }: Needs): Promise<void> {
  const server = await api('write');
  const { limit = 100, user } = options;
  const entries = [];
  let cursor: string | undefined;
  do {
    const page = await server.getAdminAudit({
      query: {
        limit: Math.min(200, limit - entries.length),
        ...(user === undefined ? {} : { user }),
        ...(cursor === undefined ? {} : { cursor }),
      },
    });
    entries.push(...page.entries);
    cursor = page.nextCursor;
  } while (cursor !== undefined && entries.length < limit);
  if (options.json) return output.json({ entries });
  if (entries.length === 0) output.talk('Nothing was written down.');
  else
    output.table(
      [
        { heading: 'when' },
        { heading: 'who' },
        { heading: 'did' },
        { heading: 'with the data of' },
        { heading: 'about', shrink: true },
      ],
      entries.map((entry) => [
        dateTime(entry.at),
        entry.actor,
        entry.action,
        entry.user,
        [entry.recordingId, entry.reader, entry.key, entry.about]
          .filter((word) => word !== undefined)
          .join(' '),
      ]),
    );
}

export const usersCommand = { definition: users, run: runUsers };
export const quotasCommand = { definition: quotas, run: runQuotas };
export const auditCommand = { definition: audit, run: runAudit };
