import { SpeakrError } from '@speakr/contracts/problem';
import type { Store } from '../../store/store.ts';
import type { NoteAccess } from '../access-log.ts';
import type { Handlers } from '../handler.ts';
import { pageOf } from '../page-of.ts';
import type { OpenReadable } from '../readable.ts';
import type { GatewayServices } from '../services.ts';

export interface NotesRoutesOptions {
  readonly store: Store;
  readonly readable: OpenReadable;
  readonly noteAccess: NoteAccess;
  readonly services: Pick<GatewayServices, 'writeNotes'>;
}

export function notesRoutes({
  store,
  readable,
  services,
  noteAccess,
}: NotesRoutesOptions): Handlers<'getNotes' | 'writeNotes' | 'listActions' | 'updateAction'> {
  return {
    getNotes: ({ owner, params }) =>
      readable(
        owner,
        params.recording,
        async (found) => {
          const notes = await found.getNotes();
          if (notes === undefined) throw new SpeakrError('not_found', 'There are no notes yet.');
          return notes;
        },
        'notes.read',
      ),

    async writeNotes({ owner, params, body }) {
      const { id } = await store.read(owner, (own) => own.resolveRecording(params.recording));
      const notes = await services.writeNotes(owner, id, body);
      await noteAccess([{ owner, actor: owner, action: 'notes.read', recordingId: id }]);
      return notes;
    },

    async listActions({ owner, query }) {
      const page = await store.read(owner, async (own) => {
        const { done = 'false' } = query;
        const all = await own.listActions(done === 'all' ? 'all' : done === 'true');
        const { items, ...next } = pageOf(all, query, ({ action }) => action.id);
        return { actions: items, ...next };
      });
      await noteAccess([{ owner, actor: owner, action: 'actions.read' }]);
      return page;
    },

    updateAction: ({ owner, params, body }) =>
      store.transaction(owner, async (own) => {
        const action = await own.setActionDone(params.action, body.done);
        await own.noteAudit('actions.read');
        return action;
      }),
  };
}
