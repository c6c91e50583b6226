import { SpeakrError } from '@speakr/contracts/problem';
import { roleNames } from '../config.ts';
import type { AdminService } from '../gateway/services.ts';
import type { Adapters, AppBus } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import type { Features } from './features.ts';
import type { ThisProcess } from './own-process.ts';

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;
/** More users than this with live recordings are not told. */
const MOST_LIVE = 100;

/** Joins the gateway to what those who run the server look at. */
export function adminService(
  { settings, version, clock }: Foundation,
  { administration, processes: table, checks }: Adapters,
  features: Features,
  bus: AppBus,
  { process, report }: ThisProcess,
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
      const { ratePerUser, ratePerAddress, liveSessionsPerUser, recordingHours } = settings;
      // One person on their own machine is not limited.
      const limited = settings.profile === 'hosted';
      return {
        requestsPerMinute: limited ? ratePerUser : 0,
        requestsPerMinuteOfAddress: limited ? ratePerAddress : 0,
        liveSessions: limited ? liveSessionsPerUser : 0,
        unfinishedRecordings: limited ? settings.unfinishedPerUser : 0,
        recordingMs: limited ? recordingHours * HOUR_MS : 0,
        uploadBytes: settings.uploadBytes,
        uploadMs: settings.uploadMinutes * MINUTE_MS,
        liveSessionsInUse: await administration.liveSessions(MOST_LIVE),
      };
    },
    deadLetters: () => bus.deadLetters(),
    async replay({ consumer, message }) {
      const letters = (await bus.deadLetters()).filter(
        (letter) =>
          (consumer === undefined || letter.consumer === consumer) &&
          (message === undefined || letter.message.id === message),
      );
      if (letters.length === 0 && message !== undefined)
        throw new SpeakrError('not_found', 'There is no such dead letter.');
      let replayed = 0;
      for (const name of new Set(letters.map((letter) => letter.consumer)))
        replayed += await bus.replay(name, message);
      return replayed;
    },
    models: () => features.promotions(),
    audit: (page, user) => administration.audit(page, user),
  };
}
