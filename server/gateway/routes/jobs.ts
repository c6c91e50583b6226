import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';

const listOf = <T>(value: T | T[] | undefined): T[] | undefined =>
  value === undefined ? undefined : ([value].flat() as T[]);

export function jobRoutes({
  store,
}: {
  readonly store: Store;
}): Handlers<'listJobs' | 'getJob' | 'cancelJob' | 'retryJob'> {
  return {
    listJobs: ({ owner, query: { limit = 50, cursor, state, kind, recording } }) =>
      store.read(owner, async (own) => {
        const of = recording === undefined ? undefined : await own.resolveRecording(recording);
        return own.listJobs({
          limit,
          cursor,
          states: listOf(state),
          kinds: listOf(kind),
          recordingId: of?.id,
        });
      }),

    getJob: ({ owner, params }) => store.read(owner, (own) => own.resolveJob(params.job)),

    cancelJob: ({ owner, params }) =>
      store.transaction(owner, async (own) => own.cancelJob((await own.resolveJob(params.job)).id)),

    retryJob: ({ owner, params }) =>
      store.transaction(owner, async (own) => own.retryJob((await own.resolveJob(params.job)).id)),
  };
}
