import { SpeakrError } from '@speakr/contracts/problem';
import { roleNames } from '../config.ts';
import type { AdminService } from '../gateway/services.ts';
import type { Policies } from '../policies/policies.ts';
import type { Adapters, AppBus } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import type { Features } from './features.ts';
import type { ThisProcess } from './own-process.ts';
import { policyDefaults } from './policy-defaults.ts';

/** More users than this with live recordings are not told. */
const MOST_LIVE = 100;

/** Joins the gateway to what those who run the server look at. */
export function adminService(
  { settings, version, clock }: Foundation,
  { store, administration, processes: table, checks }: Adapters,
  features: Features,
  bus: AppBus,
  { process, report }: ThisProcess,
  policies: Policies,
): AdminService {
  const startedAt = clock.monotonic();
  const processes = async () => {
    const { onlyProcess } = await import('../admin/heartbeats.ts');
    return table ?? onlyProcess(process, report, clock);
  };
  return {
    async jobStatistics() {
      const { jobStatistics } = await import('../admin/job-statistics.ts');
      return jobStatistics(administration, bus);
    },
    async systemHealth() {
      const { systemHealth } = await import('../admin/system-health.ts');
      return systemHealth({
        processes: await processes(),
        broker: bus,
        checks,
        clock,
        version,
        profile: settings.profile,
        startedAt,
        roles: roleNames,
      });
    },
    async performance() {
      const { heartbeats } = await import('../admin/heartbeats.ts');
      const { performanceOf } = await import('../admin/performance.ts');
      const alive = (await heartbeats(await processes(), clock)).filter(({ state }) => state.alive);
      return performanceOf(alive.map(({ report }) => report));
    },
    users: (page) => administration.users(page),
    async quotas() {
      const { retentionDays, retentionBytes, redaction, ...limits } = policyDefaults(settings);
      return {
        ...limits,
        requestsPerMinuteOfAddress: settings.profile === 'hosted' ? settings.ratePerAddress : 0,
        liveSessionsInUse: await administration.liveSessions(MOST_LIVE),
      };
    },
    deadLetters: () => bus.deadLetters(),
    async replay(actor, { consumer, message }) {
      const letters = (await bus.deadLetters()).filter(
        (letter) =>
          (consumer === undefined || letter.consumer === consumer) &&
          (message === undefined || letter.message.id === message),
      );
      if (letters.length === 0 && message !== undefined)
        throw new SpeakrError('not_found', 'There is no such dead letter.');
      const consumers = [...new Set(letters.map((letter) => letter.consumer))];
      await store.noteAccess(
        consumers.map((subject) => ({ owner: actor, actor, action: 'dead_letters.replayed', subject })),
      );
      let replayed = 0;
      for (const name of consumers) replayed += await bus.replay(name, message);
      return replayed;
    },
    models: () => features.promotions(),
    policies,
    audit: (page, user) => administration.audit(page, user),
  };
}
