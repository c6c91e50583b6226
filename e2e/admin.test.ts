import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { adminRoutes } from '@speakr/contracts/admin';
import type { Policy } from '@speakr/contracts/policies';
import { errorTable } from '@speakr/contracts/problem';
import { fleetMissing, testFleet } from '../server/fixtures/test-fleet.ts';
import { buildCli, type Machine, newMachine } from './harness.ts';

// `speakr admin` as a person types it: on one's own machine, and against a server elsewhere.

const missing = await fleetMissing();

async function run(machine: Machine, ...args: string[]) {
  const { code, stdout, stderr } = await machine.run(args);
  return { code, stdout: stdout.trim(), stderr };
}

async function json<T>(machine: Machine, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(machine, ...args, '--json');
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Every view, in both forms, to the letter of the contract. */
async function looksAround(machine: Machine): Promise<void> {
  const views = {
    health: adminRoutes.getSystemHealth,
    performance: adminRoutes.getPerformance,
    jobs: adminRoutes.getJobStatistics,
    quotas: adminRoutes.getQuotas,
    'models list': adminRoutes.getModelRegistry,
  };
  for (const [view, { response }] of Object.entries(views)) {
    const words = ['admin', ...view.split(' ')];
    const found = await json(machine, ...words);
    assert.deepEqual(response.parse(found), found, view);
    assert.equal((await run(machine, ...words)).code, 0, view);
  }
  for (const [view, key] of Object.entries({
    users: 'users',
    audit: 'entries',
    'dead-letters': 'deadLetters',
  }))
    assert.ok(Array.isArray((await json<Record<string, unknown>>(machine, 'admin', view))[key]), view);
  assert.deepEqual(await json(machine, 'admin', 'replay'), { replayed: 0 });
  assert.equal((await run(machine, 'admin', 'dead-letters', 'none')).code, 1);

  const policy = (...words: string[]) => ['admin', 'policy', ...words];
  const tenant = 'Nhà 1';
  await json(machine, ...policy('set', tenant, '--tenant', '--retention-days', '90', '--redact', 'on'));
  await json(machine, ...policy('set', 'ada', '--belongs-to', tenant, '--upload-mib', '5'));
  const ada = await json<Policy>(machine, ...policy('show', 'ada'));
  assert.deepEqual(
    [ada.tenant, ada.set, ada.holds.retentionDays, ada.holds.redaction.length],
    [tenant, { uploadBytes: 5 * 1024 * 1024 }, 90, 6],
  );
  const { policies } = await json<{ policies: Policy[] }>(machine, ...policy('list'));
  assert.deepEqual(
    policies.map(({ scope, name }) => [scope, name]),
    [
      ['tenants', tenant],
      ['users', 'ada'],
    ],
  );
  assert.match((await run(machine, ...policy('list'))).stdout, /Nhà 1.*90 days/);
  assert.match((await run(machine, ...policy('show', 'ada'))).stdout, /90 days/);
  assert.match((await run(machine, 'privacy', 'policy')).stdout, /recordings are kept\s+until deleted/);
  const unset = await json<Policy>(
    machine,
    ...policy('set', 'ada', '--unset', 'belongs-to', '--unset', 'upload-mib'),
  );
  assert.deepEqual([unset.tenant, unset.set, unset.holds.retentionDays], [undefined, {}, 0]);
  for (const words of [
    ['set', 'ada'],
    ['set', 'ada', '--redact', 'all'],
    ['set', 'ada', '--unset', 'age'],
  ])
    assert.equal((await run(machine, ...policy(...words))).code, 2, words.join(' '));

  await json(machine, 'admin', 'models', 'register', 'words', '--kind', 'embedder', '--weights', 'hash');
  const refused = await run(machine, 'admin', 'models', 'promote', 'words');
  assert.deepEqual([refused.code, /never evaluated/.test(refused.stderr)], [1, true], refused.stderr);
  assert.equal((await run(machine, 'admin', 'models', 'register', 'Not An Id', '--weights', 'hash')).code, 2);
  assert.deepEqual(await json(machine, 'admin', 'models', 'remove', 'words'), { removed: 'words' });
}

describe('speakr admin', () => {
  before(buildCli);

  it('shows and steers the server of this machine', async () => {
    await using machine = newMachine();
    await looksAround(machine);

    const whole = await json<{ findings: unknown[] }>(machine, 'admin', 'verify', '--audit');
    assert.deepEqual(whole.findings, []);
    const seal = `9:${'a'.repeat(64)}`;
    const removed = await run(machine, 'admin', 'verify', '--audit', '--seal', seal);
    assert.equal(removed.code, errorTable.verify_failed.exitCode, removed.stderr);
    assert.match(removed.stdout, /^seal_removed {2}seal 9/);
    assert.equal((await run(machine, 'admin', 'verify', '--audit', '--seal', 'nine')).code, 2);
    assert.equal((await run(machine, 'admin', 'verify', '--seal', seal)).code, 2);
  });

  it('does the same at a server elsewhere, for those who have the role there', {
    skip: missing,
  }, async (t) => {
    const fleet = await testFleet(t);
    const { url } = await fleet.start();
    const as = (user: string) =>
      newMachine({ SPEAKR_SERVER: url, SPEAKR_TOKEN: user, SPEAKR_FAILOVER: 'off' });
    await using olga = as('olga');
    await looksAround(olga);
    assert.match((await run(olga, 'whoami')).stderr, /role admin/);
    await using maria = as('maria');
    for (const view of ['health', 'users', 'audit', 'replay']) {
      const { code, stdout, stderr } = await run(maria, 'admin', view);
      assert.deepEqual([code, stdout], [errorTable.forbidden.exitCode, ''], view);
      assert.match(stderr, /role admin/);
    }
  });
});
