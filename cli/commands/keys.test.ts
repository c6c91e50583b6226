import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Api } from '../embedded.ts';
import { fakeIo } from '../fixtures/fake-io.ts';
import { createOutput } from '../output.ts';
import { definition, subcommands } from './keys.ts';

const [list, create, revoke] = subcommands;
const key = { id: '3f2a', name: 'ci', scopes: ['read'], createdAt: 0, expiresAt: 4_000_000_000_000 };

/** Runs a subcommand against an API that gives these answers, and says what it was asked. */
async function run(command: (typeof subcommands)[number] | undefined, options: object, answers: object) {
  const asked: [string, unknown][] = [];
  const api = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      async (input: unknown) => {
        asked.push([name, input]);
        return Array.isArray(answer) ? answer.shift() : answer;
      },
    ]),
  ) as unknown as Api;
  const io = fakeIo();
  const output = createOutput(io);
  await command?.run(options as never, { api: async () => api, output });
  await output.flush();
  return { asked, out: io.out(), err: io.err() };
}

test('the key is the only thing on stdout; how to end it is said', async () => {
  const { asked, out, err } = await run(
    create,
    { name: 'ci', scope: ['read', 'record'], days: 30 },
    { createKey: { ...key, key: 'speakr_3f2a_secret' } },
  );
  assert.deepEqual(asked, [
    ['createKey', { body: { name: 'ci', scopes: ['read', 'record'], expiresInDays: 30 } }],
  ]);
  assert.equal(out, 'speakr_3f2a_secret\n');
  assert.match(err, /not shown again; `speakr keys revoke 3f2a` ends it/);
});

test('a scope or a time that is none is a usage error, before anything is asked', async () => {
  for (const options of [
    { name: 'x', scope: ['all'] },
    { name: 'x', days: 0 },
    { name: 'x', days: 900 },
  ])
    await assert.rejects(run(create, options, { createKey: {} }), { code: 'usage' });
});

test('all pages are listed, with what is expired or revoked named so', async () => {
  const pages = [
    { keys: [key, { ...key, id: '4a', expiresAt: 1, usedAt: 1 }], nextCursor: 'next' },
    { keys: [{ ...key, id: '5b', revokedAt: 1 }] },
  ];
  const { asked, out } = await run(list, {}, { listKeys: pages });
  assert.deepEqual(asked, [
    ['listKeys', { query: { limit: 200 } }],
    ['listKeys', { query: { limit: 200, cursor: 'next' } }],
  ]);
  const lines = out.split('\n');
  assert.match(lines[0] ?? '', /^3f2a\tci\tread\tuntil .*\tnever$/);
  assert.match(lines[1] ?? '', /^4a\tci\tread\texpired /);
  assert.match(lines[2] ?? '', /^5b\tci\tread\trevoked /);
});

test('a key is revoked by its id', async () => {
  const { asked, err } = await run(revoke, { key: '3f2a' }, { revokeKey: undefined });
  assert.deepEqual(asked, [['revokeKey', { params: { key: '3f2a' } }]]);
  assert.match(err, /3f2a is revoked/);
  assert.equal(definition.name, 'keys');
});
