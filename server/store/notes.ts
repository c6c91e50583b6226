import { createHmac } from 'node:crypto';
import type { ActionItem, Notes } from '@speakr/contracts/notes';
import { SpeakrError } from '@speakr/contracts/problem';
import { cipherOf, loadCipher, type OwnerContext } from './owner-context.ts';
import { openRecording, recordingColumns } from './recording-row.ts';
import type { OwnerStore } from './store.ts';

type NotesContent = Omit<Notes, 'actions'>;

const actionField = (id: string) => `action/${id}`;
/** The same statement in spite of space, case and composition. */
const normalize = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

type NotesQueries = Pick<OwnerStore, 'putNotes' | 'getNotes' | 'listActions' | 'setActionDone'>;

export function notesQueries(context: OwnerContext): NotesQueries {
  const { db, owner, keys } = context;
  const markOf = (action: ActionItem) =>
    createHmac('sha256', keys.blindKey)
      .update(`action/${normalize(action.text)}`)
      .digest('base64url');
  const actionRows = () =>
    db
      .selectFrom('actions')
      .select(['id', 'recording_id', 'done', 'mark', 'content'])
      .where('user_id', '=', owner)
      .orderBy('position');

  return {
    async putNotes({ actions, ...content }) {
      const { recordingId } = content;
      const cipher = await loadCipher(context, recordingId);
      const before = await actionRows().where('recording_id', '=', recordingId).execute();
      const done = new Set(before.filter((row) => row.done === 1).map((row) => row.mark));
      const sealed = cipher.sealJson('notes', content satisfies NotesContent);
      await db
        .insertInto('notes')
        .values({ user_id: owner, recording_id: recordingId, content: sealed })
        .onConflict((conflict) =>
          conflict.columns(['user_id', 'recording_id']).doUpdateSet({ content: sealed }),
        )
        .execute();
      await db
        .deleteFrom('actions')
        .where('user_id', '=', owner)
        .where('recording_id', '=', recordingId)
        .execute();
      if (actions.length === 0) return;
      const values = actions.map((action, position) => {
        const mark = markOf(action);
        return {
          user_id: owner,
          id: action.id,
          recording_id: recordingId,
          position,
          done: action.done || done.has(mark) ? 1 : 0,
          mark,
          content: cipher.sealJson(actionField(action.id), action),
        };
      });
      await db.insertInto('actions').values(values).execute();
    },

    async getNotes(id) {
      const row = await db
        .selectFrom('notes')
        .select('content')
        .where('user_id', '=', owner)
        .where('recording_id', '=', id)
        .executeTakeFirst();
      if (!row) return undefined;
      const cipher = await loadCipher(context, id);
      const content = cipher.unsealJson<NotesContent>('notes', row.content);
      const actions = await actionRows().where('recording_id', '=', id).execute();
      return {
        ...content,
        actions: actions.map((action) => ({
          ...cipher.unsealJson<ActionItem>(actionField(action.id), action.content),
          done: action.done === 1,
        })),
      };
    },

    async listActions(done) {
      let query = actionRows();
      if (done !== 'all') query = query.where('done', '=', done ? 1 : 0);
      const actions = await query.execute();
      if (actions.length === 0) return [];
      const recordings = await db
        .selectFrom('recordings')
        .select(recordingColumns)
        .where('user_id', '=', owner)
        .where('cancelled_at', 'is', null)
        .where('id', 'in', db.selectFrom('actions').select('recording_id').where('user_id', '=', owner))
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .execute();
      const byRecording = Map.groupBy(actions, (action) => action.recording_id);
      return recordings.flatMap((row) => {
        const { recording, cipher } = openRecording(context, row);
        return (byRecording.get(row.id) ?? []).map((action) => ({
          recordingId: row.id,
          title: recording.title,
          startedAt: recording.startedAt,
          action: {
            ...cipher.unsealJson<ActionItem>(actionField(action.id), action.content),
            done: action.done === 1,
          },
        }));
      });
    },

    async setActionDone(actionId, done) {
      const row = await db
        .selectFrom('actions')
        .innerJoin('recordings', (join) =>
          join
            .onRef('recordings.user_id', '=', 'actions.user_id')
            .onRef('recordings.id', '=', 'actions.recording_id'),
        )
        .select(['actions.recording_id', 'actions.content', 'recordings.wrapped_key'])
        .where('actions.user_id', '=', owner)
        .where('actions.id', '=', actionId)
        .executeTakeFirst();
      if (!row) throw new SpeakrError('not_found', `There is no action ${JSON.stringify(actionId)}.`);
      await db
        .updateTable('actions')
        .set({ done: done ? 1 : 0 })
        .where('user_id', '=', owner)
        .where('id', '=', actionId)
        .execute();
      const cipher = cipherOf(context, row.recording_id, row.wrapped_key);
      return { ...cipher.unsealJson<ActionItem>(actionField(actionId), row.content), done };
    },
  };
}
