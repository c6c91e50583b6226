import { type Policy, type PolicyChange, PolicyValues, redactionKinds } from '@speakr/contracts/policies';
import { SpeakrError } from '@speakr/contracts/problem';
import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { dateTime } from '../time-format.ts';
import { policyRows } from './policy-rows.ts';

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;
const MEBIBYTE = 1024 * 1024;

const definition = define({
  name: 'policy',
  summary: 'How long recordings are kept, how much may be asked for, what is redacted: by user and tenant',
  details:
    'What is set for a user comes first, then what is set for their tenant, then the settings of the server. A tenant is a name that users are put under with --belongs-to.',
  examples: [
    'speakr admin policy set acme --tenant --retention-days 90 --redact on',
    'speakr admin policy set ada --belongs-to acme --live-recordings 3',
    'speakr admin policy show ada',
    'speakr admin policy set ada --unset live-recordings',
  ],
});
const list = define({
  name: 'list',
  summary: 'List what was set for users and tenants',
  options: [jsonOption],
});
const tenantOption = { name: 'tenant', summary: 'NAME is a tenant, not a user' } as const;
const show = define({
  name: 'show',
  summary: 'Show what holds for a user or tenant',
  arguments: [{ name: 'name', summary: 'User or tenant' }],
  options: [tenantOption, jsonOption],
});
const set = define({
  name: 'set',
  summary: 'Set what holds for a user or tenant; 0 is no limit',
  details: 'Holds within five seconds. What is older than --retention-days is deleted within the hour.',
  arguments: [{ name: 'name', summary: 'User or tenant' }],
  options: [
    tenantOption,
    { name: 'belongs-to', value: 'TENANT', summary: 'Put a user under a tenant' },
    { name: 'retention-days', value: 'N', number: true, summary: 'Delete recordings that are older' },
    { name: 'retention-mib', value: 'N', number: true, summary: 'Keep no more audio, in MiB: the oldest go' },
    { name: 'requests', value: 'N', number: true, summary: 'Requests a minute' },
    { name: 'live-recordings', value: 'N', number: true, summary: 'Recordings that are fed at once' },
    { name: 'unfinished', value: 'N', number: true, summary: 'Recordings that have not come to their end' },
    { name: 'recording-hours', value: 'N', number: true, summary: 'Longest recording' },
    { name: 'upload-mib', value: 'N', number: true, summary: 'Largest upload, in MiB' },
    { name: 'upload-minutes', value: 'N', number: true, summary: 'Longest upload' },
    { name: 'redact', value: 'KINDS', summary: `on, off, or some of ${redactionKinds.join(',')}` },
    {
      name: 'unset',
      value: 'OPTION',
      repeat: true,
      summary: 'Take one of these back: --unset retention-days',
    },
    jsonOption,
  ],
});

type Needs = Pick<Context, 'api' | 'output'>;

/** Options and the fields they set, with what one of the option is of the field. */
const numbers = {
  'retention-days': ['retentionDays', 1],
  'retention-mib': ['retentionBytes', MEBIBYTE],
  requests: ['requestsPerMinute', 1],
  'live-recordings': ['liveSessions', 1],
  unfinished: ['unfinishedRecordings', 1],
  'recording-hours': ['recordingMs', HOUR_MS],
  'upload-mib': ['uploadBytes', MEBIBYTE],
  'upload-minutes': ['uploadMs', MINUTE_MS],
} as const satisfies Record<string, readonly [keyof PolicyValues, number]>;

const fields: Readonly<Record<string, keyof PolicyChange>> = {
  ...Object.fromEntries(Object.entries(numbers).map(([option, [field]]) => [option, field])),
  redact: 'redaction',
  'belongs-to': 'tenant',
};

/** @throws SpeakrError `usage` */
function redactionOf(words: string): PolicyValues['redaction'] {
  if (words === 'off') return [];
  if (words === 'on') return redactionKinds.filter((kind) => kind !== 'name');
  const parsed = PolicyValues.shape.redaction.safeParse(words.split(','));
  if (!parsed.success)
    throw new SpeakrError(
      'usage',
      `--redact: ${words} is not on, off, or some of ${redactionKinds.join(',')}.`,
    );
  return parsed.data;
}

const camel = (option: string) => option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function changeOf(options: OptionsOf<typeof set>): PolicyChange {
  const change: Record<string, unknown> = {};
  for (const [option, [field, unit]] of Object.entries(numbers)) {
    const value = (options as unknown as Record<string, number | undefined>)[camel(option)];
    if (value !== undefined) change[field] = value * unit;
  }
  if (options.redact !== undefined) change.redaction = redactionOf(options.redact);
  if (options.belongsTo !== undefined) change.tenant = options.belongsTo;
  for (const option of options.unset ?? []) {
    const field = fields[option];
    if (field === undefined)
      throw new SpeakrError('usage', `--unset ${option}: there is no such option.`, {
        hint: `Take one of ${Object.keys(fields).join(', ')}.`,
      });
    change[field] = null;
  }
  if (Object.keys(change).length === 0)
    throw new SpeakrError('usage', 'There is nothing to set.', {
      hint: 'See `speakr admin policy set --help`.',
    });
  return change as PolicyChange;
}

function print(policy: Policy, { output }: Pick<Needs, 'output'>): void {
  output.table(
    [{ heading: 'what' }, { heading: 'holds', right: true }, { heading: 'set by' }],
    policyRows(policy.holds).map(([field, what, value]) => [
      what,
      value,
      policy.set[field] === undefined ? 'tenant or settings' : policy.scope === 'users' ? 'user' : 'tenant',
    ]),
  );
  if (policy.tenant !== undefined) output.talk(`${policy.name} belongs to ${policy.tenant}.`);
  if (policy.changedAt !== undefined)
    output.talk(`Changed ${dateTime(policy.changedAt)} by ${policy.changedBy}.`);
}

const paramsOf = ({ name, tenant }: { name: string; tenant?: boolean | undefined }) =>
  ({ scope: tenant ? 'tenants' : 'users', name }) as const;

async function runList({ json }: OptionsOf<typeof list>, { api, output }: Needs): Promise<void> {
  const server = await api('write');
  const policies = await allPages(
    (query) => server.listPolicies({ query }),
    (page) => page.policies,
  );
  if (json) return output.json({ policies });
  if (policies.length === 0)
    return output.talk('Nothing was set: the settings of the server hold for everybody.');
  output.table(
    [
      { heading: 'for' },
      { heading: 'name', shrink: true },
      { heading: 'tenant' },
      { heading: 'set', shrink: true },
    ],
    policies.map((policy) => [
      policy.scope === 'users' ? 'user' : 'tenant',
      policy.name,
      policy.tenant ?? '',
      policyRows(policy.holds)
        .filter(([field]) => policy.set[field] !== undefined)
        .map(([, what, value]) => `${what}: ${value}`)
        .join('; '),
    ]),
  );
}

async function runShow(options: OptionsOf<typeof show>, { api, output }: Needs): Promise<void> {
  const policy = await (await api('write')).getPolicyOf({ params: paramsOf(options) });
  if (options.json) output.json(policy);
  else print(policy, { output });
}

async function runSet(options: OptionsOf<typeof set>, { api, output }: Needs): Promise<void> {
  const body = changeOf(options);
  const policy = await (await api('write')).changePolicy({ params: paramsOf(options), body });
  if (options.json) output.json(policy);
  else print(policy, { output });
}

export const policyCommand = {
  definition,
  subcommands: [
    { definition: list, run: runList },
    { definition: show, run: runShow },
    { definition: set, run: runSet },
  ],
};
