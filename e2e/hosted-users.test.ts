import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { freePort } from '../scripts/services/port.ts';
import { until } from '../scripts/until.ts';
import { oidcProvider, type TestProvider } from '../server/fixtures/oidc-provider.ts';
import { fleetMissing, testFleet } from '../server/fixtures/test-fleet.ts';
import { startFaultProxy } from './faults/fault-proxy.ts';
import { buildCli, jsonLines, type Machine, newMachine, sentence, speak } from './harness.ts';

// The CLI in processes of its own against the hosted profile on real services and a real OpenID Connect provider. What
// is recognized is scripted: this is about who sees it.

const missing = await fleetMissing();

async function team(t: TestContext, { accessTokenS = 600 } = {}) {
  const fleet = await testFleet(t);
  const port = await freePort(22_000);
  const way = await startFaultProxy(`http://127.0.0.1:${port}`);
  t.after(() => way[Symbol.asyncDispose]());
  const provider = await oidcProvider(t, { resource: way.url, accessTokenS });
  const env = { SPEAKR_OIDC_ISSUER: provider.issuer, SPEAKR_OIDC_AUDIENCE: way.url };
  await fleet.start(undefined, { env, port, turns: ['We launch in March.', 'Alex sends the budget.'] });
  return {
    way,
    provider,
    async machine(account: string) {
      const machine = newMachine({ SPEAKR_FAILOVER: 'off' });
      t.after(() => machine[Symbol.asyncDispose]());
      await logIn(machine, provider, way.url, account);
      speak(sentence, machine.path('talk.wav'));
      return machine;
    },
  };
}

async function logIn(machine: Machine, provider: TestProvider, url: string, account: string) {
  const login = machine.start(['login', '--server', url]);
  await login.sees(/^Open \S+$/m);
  await provider.approve(/^Open (\S+)$/m.exec(login.stderr())?.[1] ?? '', account);
  const { code, stderr } = await login.finished;
  assert.equal(code, 0, stderr);
  const file = join(machine.directory, 'config', 'speakr', 'credentials.json');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!stderr.includes(JSON.parse(readFileSync(file, 'utf8'))[url].accessToken));
}

async function good(machine: Machine, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await machine.run(args);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

describe('two users of one server', { skip: missing }, () => {
  before(buildCli);

  it('work with every command, see nothing of each other, and share what they want to', async (t) => {
    const { machine } = await team(t);
    const [ada, bob] = [await machine('ada'), await machine('bob')];
    const id = await good(ada, 'transcribe', 'talk.wav', '--title', 'Launch', '-o', 'id');
    assert.match(await good(ada, 'show', id), /We launch in March\./);
    const search = async (user: Machine) =>
      JSON.parse(await good(user, 'query', 'when do we launch?', '--json')).hits as object[];
    await until('it is found', async () => (await search(ada)).length > 0);

    const bobs = await good(bob, 'whoami');
    assert.notEqual(bobs, await good(ada, 'whoami'));
    assert.deepEqual(JSON.parse(await good(bob, 'list', '--json')).recordings, []);
    assert.deepEqual(await search(bob), []);
    const tries = [
      ['show', id],
      ['notes', id],
      ['export', id, '--format', 'md'],
      ['play', id, '--to', bob.path('heard.wav')],
      ['tag', id, 'mine'],
      ['rename', id, 'Mine'],
      ['speakers', id, 'me=Bob'],
      ['retranscribe', id],
      ['share', id, bobs],
      ['delete', id, '--yes'],
    ];
    const unknown = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
    for (const words of tries) {
      const given = await bob.run(words);
      const absent = await bob.run(words.map((word) => (word === id ? unknown : word)));
      assert.equal(given.code, 1, `${words.join(' ')}: ${given.stderr}`);
      assert.deepEqual([given.code, bare(given.stderr, id)], [absent.code, bare(absent.stderr, unknown)]);
    }

    await good(ada, 'share', id, bobs);
    assert.match(await good(bob, 'show', id), /We launch in March\./);
    assert.match(await good(bob, 'list', '--shared'), /Launch/);
    assert.equal((await bob.run(['rename', id, 'Mine'])).code, 1);
    await good(ada, 'share', id, bobs, '--revoke');
    assert.equal((await bob.run(['show', id])).code, 1);
    await good(ada, 'delete', id, '--yes');
  });

  it('record over the end of a login: it is renewed when the connection comes back', async (t) => {
    const { machine, way, provider } = await team(t, { accessTokenS: 6 });
    const ada = await machine('ada');
    const recording = ada.start(['record', '--input', 'talk.wav', '--no-clipboard', '--json']);
    await recording.sees(/"type":"ack","track":0,"samples":[1-9]\d{4}/);
    const renewed = () => provider.grants.filter((grant) => grant === 'refresh_token').length;
    const before = renewed();
    // As long as it takes for the token to run out.
    const file = join(ada.directory, 'config', 'speakr', 'credentials.json');
    const { expiresAt } = JSON.parse(readFileSync(file, 'utf8'))[way.url];
    way.refuse();
    way.cut('reset');
    while (Date.now() < expiresAt) await new Promise((wake) => setTimeout(wake, 50));
    way.admit();
    const { code, stdout, stderr } = await recording.finished;
    assert.equal(code, 0, stderr);
    const last = jsonLines(stdout).at(-1) as unknown as {
      receipt: { capturedMs: number; acknowledgedMs: number; gaps: unknown[] };
    };
    assert.deepEqual([last.receipt.acknowledgedMs, last.receipt.gaps], [last.receipt.capturedMs, []]);
    assert.ok(renewed() > before);
    assert.ok(!provider.grants.includes('refused refresh_token'));
  });
});

const bare = (text: string, id: string) => text.replaceAll(id, '…').replaceAll(id.slice(-6), '…');
