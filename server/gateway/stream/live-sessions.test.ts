import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { testNats } from '../../fixtures/services.ts';
import { temporaryNats } from '../../fixtures/test-nats.ts';
import { connectNats } from '../../nats/nats.ts';
import { silentLog } from '../../observability/log.ts';
import { createFleetSessions } from './fleet-sessions.ts';
import { type Command, createLiveSessions, type LiveSessions } from './live-sessions.ts';

const nats = await testNats();

interface Gateways {
  readonly first: LiveSessions;
  readonly second: LiveSessions;
  settled(): Promise<void>;
  cleanUp(): Promise<void>;
}

function session() {
  const seen: (Command | 'replaced' | 'erased')[] = [];
  return {
    seen,
    command: (command: Command) => void seen.push(command),
    replaced: () => void seen.push('replaced'),
    erased: () => void seen.push('erased'),
  };
}

const note: Command = { command: 'note', text: 'later' };

function suite(name: string, make: () => Promise<Gateways>): void {
  describe(`live sessions: ${name}`, () => {
    const behaves = (title: string, run: (gateways: Gateways) => Promise<void>) =>
      it(title, async () => {
        const gateways = await make();
        try {
          await run(gateways);
        } finally {
          await gateways.cleanUp();
        }
      });

    behaves('a command reaches the connection wherever it is given', async ({ first, second, settled }) => {
      const mine = session();
      const leave = first.add('alex', 'a', mine);
      await settled();
      assert.equal(await first.command('alex', 'a', note), true);
      assert.equal(await second.command('alex', 'a', note), true);
      assert.deepEqual(mine.seen, [note, note]);
      leave();
      await settled();
      for (const gateway of [first, second]) assert.equal(await gateway.command('alex', 'a', note), false);
    });

    behaves('a command of somebody else reaches nobody', async ({ first, second, settled }) => {
      const mine = session();
      first.add('alex', 'a', mine);
      await settled();
      for (const gateway of [first, second]) assert.equal(await gateway.command('eve', 'a', note), false);
      assert.deepEqual(mine.seen, []);
    });

    behaves('all of a user end when the user is erased, wherever they are', async (gateways) => {
      const { first, second, settled } = gateways;
      const [mine, elsewhere, others] = [session(), session(), session()];
      first.add('alex', 'a', mine);
      second.add('alex', 'b', elsewhere);
      second.add('alexander', 'a', others);
      await settled();
      await first.endAll('alex');
      await settled();
      for (const { seen } of [mine, elsewhere]) assert.ok(seen.includes('erased'));
      assert.deepEqual(others.seen, []);
    });

    behaves('a new connection ends the one before, and only that', async ({ first, second, settled }) => {
      const [old, other, fresh] = [session(), session(), session()];
      const leaveOld = first.add('alex', 'a', old);
      first.add('alex', 'b', other);
      await settled();
      second.add('alex', 'a', fresh);
      await settled();
      assert.deepEqual([old.seen, other.seen, fresh.seen], [['replaced'], [], []]);
      leaveOld();
      await settled();
      assert.equal(await first.command('alex', 'a', note), true);
      assert.deepEqual(fresh.seen, [note]);
    });
  });
}

suite('in one process', async () => {
  const sessions = createLiveSessions();
  return { first: sessions, second: sessions, settled: async () => {}, cleanUp: async () => {} };
});

describe('hosted', { skip: nats.missing }, () => {
  suite('two gateways', async () => {
    const { url, nats: one, remove } = await temporaryNats();
    const two = await connectNats({ url, name: 'another gateway', log: silentLog });
    return {
      first: createFleetSessions(one),
      second: createFleetSessions(two),
      async settled() {
        for (const { connection } of [one, two, one]) await connection.flush();
      },
      async cleanUp() {
        await two.close();
        await remove();
      },
    };
  });
});
