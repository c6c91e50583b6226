import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manualClock } from '../fixtures/manual-clock.ts';
import type { ProcessRow } from '../store/administration.ts';
import type { Report } from './heartbeats.ts';
import { type SystemHealthOptions, systemHealth } from './system-health.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

type Models = Report['models'];

/** A fleet of two processes, one of which has beaten for the last time so long ago, ms. */
function fleet({ silentMs = 0, models = [] as Models, ...other }) {
  const clock = manualClock();
  const row = (id: string, role: string, report: Partial<Report> = {}): ProcessRow => ({
    id,
    roles: [role],
    version: `1.0.${id}`,
    startedAt: clock.now(),
    seenAt: clock.now(),
    report: JSON.stringify({ memoryBytes: 1, models: [], histograms: {}, ...report }),
  });
  const rows = [row('1', 'gateway'), row('2', 'transcriber', { models })];
  clock.advance(silentMs);
  const options: SystemHealthOptions = {
    processes: {
      list: async () => rows.map((each, index) => (index === 0 ? { ...each, seenAt: clock.now() } : each)),
    },
    broker: { queues: async () => [], unsent: async () => 0 },
    checks: {},
    clock,
    version: '1.0.1',
    profile: 'hosted',
    startedAt: 0,
    roles: ['gateway', 'transcriber'],
    ...other,
  };
  return options;
}

const aliveOf = async (options: SystemHealthOptions) => {
  const { processes, healthy, missingRoles, versions } = await systemHealth(options);
  return { alive: processes.map(({ id, alive }) => [id, alive]), healthy, missingRoles, versions };
};

describe('a fleet is healthy', () => {
  it('while every role has a process that was heard of in the last 30 seconds', async () => {
    const well = {
      alive: [
        ['1', true],
        ['2', true],
      ],
      healthy: true,
      missingRoles: [],
      versions: ['1.0.1', '1.0.2'],
    };
    assert.deepEqual(await aliveOf(fleet({})), well);
    assert.deepEqual(await aliveOf(fleet({ silentMs: 29 * SECOND })), well);
    assert.deepEqual(await aliveOf(fleet({ silentMs: 31 * SECOND })), {
      alive: [
        ['1', true],
        ['2', false],
      ],
      healthy: false,
      missingRoles: ['transcriber'],
      versions: ['1.0.1'],
    });
  });

  it('whose processes are shown for five minutes after their last heartbeat', async () => {
    const shown = async (silentMs: number) => (await aliveOf(fleet({ silentMs }))).alive.map(([id]) => id);
    assert.deepEqual(await shown(5 * MINUTE - 1), ['1', '2']);
    assert.deepEqual(await shown(5 * MINUTE + 1), ['1']);
    assert.deepEqual((await aliveOf(fleet({ silentMs: 5 * MINUTE + 1 }))).missingRoles, ['transcriber']);
  });

  it('while the models that its live processes need are there, or elsewhere', async () => {
    const healthy = async (...states: Models[number]['state'][]) =>
      (await systemHealth(fleet({ models: states.map((state) => ({ model: 'moonshine-tiny-en', state })) })))
        .healthy;
    assert.equal(await healthy('installed', 'elsewhere'), true);
    assert.equal(await healthy('installed', 'missing'), false);
    assert.equal(await healthy('invalid', 'installed'), false);
  });

  it('not by the models of a process that is gone', async () => {
    const models: Models = [{ model: 'moonshine-tiny-en', state: 'missing' }];
    const health = await systemHealth(fleet({ models, silentMs: MINUTE, roles: ['gateway'] }));
    assert.deepEqual([health.healthy, health.processes[1]?.models], [true, models]);
  });

  it('while each service answers: one that fails, and one that does not within two seconds, are away', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const never = () => new Promise<never>(() => {});
    const asked = systemHealth(
      fleet({
        checks: {
          database: async () => {},
          storage: async () => Promise.reject(new Error('connection refused')),
          broker: never,
        },
        broker: { queues: never, unsent: async () => 0 },
      }),
    );
    let isAnswered = false;
    void asked.then(() => {
      isAnswered = true;
    });
    t.mock.timers.tick(1999);
    await new Promise(setImmediate);
    assert.equal(isAnswered, false);
    t.mock.timers.tick(1);
    const { healthy, checks, queueDepth } = await asked;
    assert.deepEqual(
      checks.map(({ name, ok }) => [name, ok]),
      [
        ['database', true],
        ['storage', false],
        ['broker', false],
      ],
    );
    assert.deepEqual([healthy, queueDepth], [false, 0]);
  });

  it('and it is told that the database is away, not only that nobody is heard of', async () => {
    const away = async () => Promise.reject(new Error('connection refused'));
    const { healthy, checks, processes, missingRoles } = await systemHealth(
      fleet({ processes: { list: away }, checks: { database: away, broker: async () => {} } }),
    );
    assert.deepEqual(
      checks.map(({ name, ok }) => [name, ok]),
      [
        ['database', false],
        ['broker', true],
      ],
    );
    assert.deepEqual([healthy, processes, missingRoles], [false, [], ['gateway', 'transcriber']]);
  });

  it('and says what waits, is under way and was given up', async () => {
    const queues = async () => [
      { consumer: 'transcriber', waiting: 3, underWay: 1, dead: 0 },
      { consumer: 'notes', waiting: 0, underWay: 2, dead: 4 },
    ];
    const { healthy, queueDepth, deadLetters } = await systemHealth(
      fleet({ broker: { queues, unsent: async () => 0 } }),
    );
    assert.deepEqual([healthy, queueDepth, deadLetters], [true, 6, 4]);
  });
});
