import { STREAM_PROTOCOL } from '@speakr/contracts/stream';
import type { Clock } from '../../clock.ts';
import type { Store } from '../../store/store.ts';
import type { NoteAccess } from '../access-log.ts';
import type { Handlers } from '../handler.ts';
import type { GatewayServices } from '../services.ts';
import type { LiveSessions } from '../stream/live-sessions.ts';

export interface SystemRoutesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly version: string;
  readonly liveSessions: Pick<LiveSessions, 'of'>;
  readonly noteAccess: NoteAccess;
  readonly services: Pick<GatewayServices, 'profile' | 'models' | 'query' | 'storageSizes' | 'pendingJobs'>;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
}

/** More running recordings than this are not listed. */
const MOST_RUNNING = 200;

export function systemRoutes({
  store,
  clock,
  version,
  liveSessions,
  services,
  noteAccess,
}: SystemRoutesOptions): Handlers<'getStatus' | 'getIdentity' | 'query' | 'getStorage'> {
  const startedAt = clock.monotonic();

  async function countRecordings(owner: string): Promise<number> {
    let count = 0;
    for (const cancelled of [false, true]) {
      let cursor: string | undefined;
      do {
        const page = await store.read(owner, (own) =>
          own.listRecordings({ limit: 200, cancelled, ...(cursor === undefined ? {} : { cursor }) }),
        );
        count += page.recordings.length;
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    }
    return count;
  }

  return {
    async getStatus({ owner }) {
      const running = await store.read(owner, (own) =>
        own.listRecordings({ limit: MOST_RUNNING, states: ['recording'] }),
      );
      return {
        version,
        protocol: STREAM_PROTOCOL,
        profile: services.profile,
        uptimeMs: Math.round(clock.monotonic() - startedAt),
        running: running.recordings.map(({ id }) => id),
        models: await services.models(),
        pendingJobs: await services.pendingJobs(),
        cpuMs: cpuMs(),
        memoryBytes: process.memoryUsage.rss(),
      };
    },
    getIdentity: async ({ identity }) => identity,
    async query({ owner, body }) {
      const found = await services.query(owner, body, liveSessions.of(owner));
      const ids = new Set(found.hits.map(({ recordingId }) => recordingId));
      await noteAccess(
        [...ids].map((recordingId) => ({ owner, actor: owner, action: 'search.hit' as const, recordingId })),
      );
      return found;
    },
    async getStorage({ owner }) {
      return { recordings: await countRecordings(owner), ...(await services.storageSizes(owner)) };
    },
  };
}
