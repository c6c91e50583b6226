import { type Scope, scopes } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { dateTime } from '../time-format.ts';

export const definition = define({
  name: 'keys',
  summary: 'Make, list and revoke API keys, for programs that cannot log in',
  details:
    'A key stands for you, with the scopes it was given, until it expires or is revoked. Use it as SPEAKR_TOKEN, or as the bearer token of the HTTP API.',
  group: 'Care',
  options: [jsonOption],
  examples: [
    'speakr keys create ci --scope read',
    'speakr keys create studio --scope record --days 30',
    'speakr keys revoke 3f2a1c0d9e8b7a65',
  ],
});

const list = define({ name: 'list', summary: 'List the keys, newest first', options: [jsonOption] });
const create = define({
  name: 'create',
  summary: 'Make a key; it is printed once',
  arguments: [{ name: 'name', summary: 'What it is for' }],
  options: [
    {
      name: 'scope',
      value: 'SCOPE',
      repeat: true,
      choices: scopes,
      summary: 'What it may do (read, write, record, admin); may be repeated; read when absent',
    },
    { name: 'days', value: 'DAYS', number: true, summary: 'How long it is valid; 90 days when absent' },
    jsonOption,
  ],
});
const revoke = define({
  name: 'revoke',
  summary: 'Revoke a key',
  arguments: [{ name: 'key', summary: 'Id of the key' }],
  options: [jsonOption],
});

type Needs = Pick<Context, 'api' | 'output'>;

function stateOf({ expiresAt, revokedAt }: { expiresAt: number; revokedAt?: number }): string {
  if (revokedAt !== undefined) return `revoked ${dateTime(revokedAt)}`;
  return `${expiresAt <= Date.now() ? 'expired' : 'until'} ${dateTime(expiresAt)}`;
}

export async function run(options: OptionsOf<typeof definition>, { api, output }: Needs): Promise<void> {
  const server = await api('read');
  const keys = await allPages(
    (query) => server.listKeys({ query }),
    (page) => page.keys,
  );
  if (options.json) return output.json({ keys });
  if (keys.length === 0) output.talk('There are no keys; `speakr keys create` makes one.');
  else
    output.table(
      [
        { heading: 'key' },
        { heading: 'for', shrink: true },
        { heading: 'may' },
        { heading: 'valid' },
        { heading: 'used' },
      ],
      keys.map((key) => [
        key.id,
        key.name,
        key.scopes.join(' '),
        stateOf(key),
        key.usedAt === undefined ? 'never' : dateTime(key.usedAt),
      ]),
    );
}

function scopeOf(word: string): Scope {
  const scope = scopes.find((each) => each === word);
  if (scope === undefined)
    throw new SpeakrError('usage', `There is no scope ${word}.`, {
      hint: `Scopes are: ${scopes.join(', ')}.`,
    });
  return scope;
}

async function runCreate(options: OptionsOf<typeof create>, { api, output }: Needs): Promise<void> {
  if (options.days !== undefined && (options.days < 1 || options.days > 366))
    throw new SpeakrError('usage', '--days must be between 1 and 366.');
  const made = await (await api('write')).createKey({
    body: {
      name: options.name,
      scopes: (options.scope ?? ['read']).map(scopeOf),
      ...(options.days === undefined ? {} : { expiresInDays: options.days }),
    },
  });
  if (options.json) return output.json(made);
  output.line(made.key);
  output.talk(
    `May ${made.scopes.join(', ')} until ${dateTime(made.expiresAt)}. It is not shown again; \`speakr keys revoke ${made.id}\` ends it.`,
  );
}

async function runRevoke(options: OptionsOf<typeof revoke>, { api, output }: Needs): Promise<void> {
  await (await api('write')).revokeKey({ params: { key: options.key } });
  if (options.json) output.json({ revoked: options.key });
  else output.talk(`The key ${options.key} is revoked.`);
}

export const subcommands = [
  { definition: list, run },
  { definition: create, run: runCreate },
  { definition: revoke, run: runRevoke },
];
