import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { pageOf } from '../page-of.ts';

export interface SharingRoutesOptions {
  readonly store: Store;
  readonly lifecycle: Pick<Lifecycle, 'withProgress'>;
}

export function sharingRoutes({
  store,
  lifecycle,
}: SharingRoutesOptions): Handlers<
  'listShares' | 'shareRecording' | 'unshareRecording' | 'getAuditTrail' | 'listShared'
> {
  return {
    listShares: ({ owner, params, query }) =>
      store.read(owner, async (own) => {
        const { id } = await own.resolveRecording(params.recording);
        const { items, ...next } = pageOf(await own.listShares(id), query, ({ reader }) => reader);
        return { shares: items, ...next };
      }),

    async shareRecording({ owner, params }) {
      const { id } = await store.read(owner, (own) => own.resolveRecording(params.recording));
      return store.share(owner, id, params.user);
    },

    async unshareRecording({ owner, params }) {
      await store.transaction(owner, async (own) => {
        const { id } = await own.resolveRecording(params.recording);
        await own.unshareRecording(id, params.user);
      });
      return undefined;
    },

    getAuditTrail: ({ owner, params, query }) =>
      store.read(owner, async (own) => {
        const { id } = await own.resolveRecording(params.recording);
        return own.listAudit(id, { limit: 50, ...query });
      }),

    async listShared({ owner, query }) {
      const all = await store.read(owner, (own) => own.listShared());
      const { items: shared, ...next } = pageOf(all, query, (each) => `${each.owner} ${each.recording.id}`);
      return {
        recordings: await Promise.all(
          shared.map(async (each) => ({
            ...each,
            recording: await lifecycle.withProgress(each.owner, each.recording),
          })),
        ),
        ...next,
      };
    },
  };
}
