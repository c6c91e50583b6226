import { SpeakrError } from '@speakr/contracts/problem';
import type { Store } from '../../store/store.ts';
import type { Handlers } from '../handler.ts';
import { pageOf } from '../page-of.ts';
import type { OpenReadable } from '../readable.ts';
import type { GatewayServices } from '../services.ts';

export interface NotesRoutesOptions {
  readonly store: Store;
  readonly readable: OpenReadable;
  readonly services: Pick<GatewayServices, 'writeNotes'>;
}

export function notesRoutes({
  store,
  readable,
  services,
}: NotesRoutesOptions): Handlers<'getNotes' | 'writeNotes' | 'listActions' | 'updateAction'> {
  return {
    getNotes: ({ owner, params }) =>
      readable(owner, params.recording, async (found) => {
        const notes = await found.getNotes();
        if (notes === undefined) throw new SpeakrError('not_found', 'There are no notes yet.');
        return notes;
      }),

    async writeNotes({ owner, params, body }) {
      const { id } = await store.read(owner, (own) => own.resolveRecording(params.recording));
      return services.writeNotes(owner, id, body);
    },

    listActions: ({ owner, query }) =>
      store.read(owner, async (own) => {
        const { done = 'false' } = query;
        const all = await own.listActions(done === 'all' ? 'all' : done === 'true');
        const { items, ...next } = pageOf(all, query, ({ action }) => action.id);
        return { actions: items, ...next };
      }),

    updateAction: ({ owner, params, body }) =>
      store.transaction(owner, (own) => own.setActionDone(params.action, body.done)),
  };
}
