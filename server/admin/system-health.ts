import type { SystemHealth } from '@speakr/contracts/admin';
import type { Clock } from '../clock.ts';
import { within } from '../observability/within.ts';
import type { Processes } from '../store/administration.ts';
import { heartbeats } from './heartbeats.ts';
import type { Broker } from './job-statistics.ts';

export interface SystemHealthOptions {
  readonly processes: Processes;
  readonly broker: Broker;
  /** Services behind the server; a check rejects when its service does not answer. */
  readonly checks: Readonly<Record<string, () => Promise<unknown>>>;
  readonly clock: Clock;
  readonly version: string;
  readonly profile: SystemHealth['profile'];
  /** Monotonic, ms. */
  readonly startedAt: number;
  /** Roles that somebody must have. */
  readonly roles: readonly string[];
}

/** Who does not answer in this time counts as away, ms. */
const CHECK_MS = 2000;

/** How processes and services are. */
export async function systemHealth(options: SystemHealthOptions): Promise<SystemHealth> {
  const { broker, clock, version, profile, startedAt, roles } = options;
  const [checks, found, queues] = await Promise.all([
    Promise.all(Object.entries(options.checks).map(([name, check]) => examine(name, check, clock))),
    // Who asks how everything is gets an answer, also when the table of processes is what is away: its check says so.
    within(CHECK_MS, heartbeats(options.processes, clock)).catch(() => []),
    within(CHECK_MS, broker.queues()).catch(() => []),
  ]);
  const processes = found.map(({ state }) => state);
  const alive = processes.filter((process) => process.alive);
  const missingRoles = roles.filter((role) => !alive.some((process) => process.roles.includes(role)));
  const assets = alive.flatMap(({ models }) => models);
  return {
    healthy:
      checks.every(({ ok }) => ok) &&
      missingRoles.length === 0 &&
      assets.every(({ state }) => state === 'installed' || state === 'elsewhere'),
    version,
    profile,
    uptimeMs: Math.round(clock.monotonic() - startedAt),
    checks,
    processes,
    missingRoles,
    versions: [...new Set(alive.map((process) => process.version))].sort(),
    queueDepth: queues.reduce((sum, { waiting, underWay }) => sum + waiting + underWay, 0),
    deadLetters: queues.reduce((sum, { dead }) => sum + dead, 0),
  };
}

async function examine(name: string, check: () => Promise<unknown>, clock: Clock) {
  const start = clock.monotonic();
  const ok = await within(CHECK_MS, check()).then(
    () => true,
    () => false,
  );
  return { name, ok, tookMs: Math.round(clock.monotonic() - start) };
}
