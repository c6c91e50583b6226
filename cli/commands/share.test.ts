import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../context.ts';
import { run } from './share.ts';

interface Call {
  readonly params: { recording: string; user?: string };
}

/** A server that several people use, and what was said and asked. */
function hosted(profile: 'embedded' | 'hosted' = 'hosted') {
  const asked: string[] = [];
  const said: string[] = [];
  const answer = (name: string, value: unknown) => (call?: Call) => {
    asked.push([name, ...Object.values(call?.params ?? {})].join(' '));
    return Promise.resolve(value);
  };
  const api = {
    getStatus: answer('status', { profile }),
    shareRecording: answer('share', { reader: 'ada', sharedAt: 0 }),
    unshareRecording: answer('unshare', undefined),
    listShares: answer('shares', { shares: [{ reader: 'ada', sharedAt: 0 }] }),
    getAuditTrail: answer('trail', {
      entries: [
        { at: 0, actor: 'ada', action: 'recording.read' },
        { at: 0, actor: 'me', action: 'recording.shared', reader: 'ada' },
      ],
    }),
  };
  const output = {
    tty: false,
    json: (value: unknown) => said.push(JSON.stringify(value)),
    talk: (text: string) => said.push(text),
    line: (text: string) => said.push(text),
    table: (_: unknown, rows: string[][]) => said.push(...rows.map((row) => row.at(-1)!)),
  };
  const context = { api: async () => api, output } as unknown as Pick<Context, 'api' | 'output'>;
  return { context, asked, said };
}

const options = { recording: 'last', user: undefined, revoke: false, trail: false, json: false };

test('sharing names the user, and says how to end it', async () => {
  const { context, asked, said } = hosted();
  await run({ ...options, user: 'ada' }, context);
  assert.deepEqual(asked, ['status', 'share last ada']);
  assert.match(said.join(), /ada may read it now\. `speakr share last ada --revoke`/);
});

test('on a server of one user there is nobody to share with', async () => {
  const { context, asked } = hosted('embedded');
  await assert.rejects(run({ ...options, user: 'ada' }, context), /nobody to share with/);
  assert.deepEqual(asked, ['status']);
});

test('without a user it lists those who may read, with --trail what happened', async () => {
  const { context, asked, said } = hosted();
  await run(options, context);
  await run({ ...options, trail: true }, context);
  await run({ ...options, trail: true, json: true }, context);
  assert.deepEqual(asked, ['shares last', 'trail last', 'trail last']);
  assert.deepEqual(said.slice(1, 3), ['read', 'shared with ada']);
  assert.equal(JSON.parse(said[3]!).entries.length, 2);
});

test('taking it back needs to know from whom', async () => {
  const { context, asked } = hosted();
  await assert.rejects(run({ ...options, revoke: true }, context), { code: 'usage' });
  await run({ ...options, user: 'ada', revoke: true }, context);
  assert.deepEqual(asked, ['unshare last ada']);
});
