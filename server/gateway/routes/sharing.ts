import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';
import type { Lifecycle } from '../lifecycle.ts';

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
    listShares: ({ owner, params }) =>
      store.read(owner, async (own) => {
        const { id } = await own.resolveRecording(params.recording);
        return { shares: await own.listShares(id) };
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

    getAuditTrail: ({ owner, params }) =>
      store.read(owner, async (own) => {
        const { id } = await own.resolveRecording(params.recording);
        return { entries: await own.listAudit(id) };
      }),

    async listShared({ owner }) {
      const shared = await store.read(owner, (own) => own.listShared());
      return {
        recordings: await Promise.all(
          shared.map(async (each) => ({
            ...each,
            recording: await lifecycle.withProgress(each.owner, each.recording),
          })),
        ),
      };
    },
  };
}
