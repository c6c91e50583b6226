import type { Message, MessageType } from '@speakr/contracts/events';
import type { JobKind } from '@speakr/contracts/jobs';
import { v7 as uuidv7 } from 'uuid';
import type { OwnerContext } from './owner-context.ts';

/** What is done for a message that somebody may wait for. */
const kindsOf: Partial<Record<MessageType, readonly JobKind[]>> = {
  'ingestion.run.v1': ['ingestion'],
  'transcription.run.v1': ['transcription'],
  'transcription.completed.v1': ['embedding', 'notes'],
  'notes.generated.v1': ['archive'],
};

/** A job that is tried again by a new message. */
export interface RetriedJob {
  readonly id: string;
  readonly kind: JobKind;
}

/** Puts the jobs of a message beside it, in the same transaction. */
export async function addJobs(context: OwnerContext, message: Message, retried?: RetriedJob): Promise<void> {
  const { db, owner, clock } = context;
  if (retried !== undefined) {
    await db
      .updateTable('jobs')
      .set({ message_id: message.id })
      .where('user_id', '=', owner)
      .where('id', '=', retried.id)
      .execute();
    return;
  }
  const { recordingId } = message.data as { recordingId?: string };
  const kinds = kindsOf[message.type] ?? [];
  if (recordingId === undefined || kinds.length === 0 || !(await isThere(context, recordingId))) return;
  const now = clock.now();
  for (const kind of kinds) {
    // Audio is archived once, however often notes are written.
    if (kind === 'archive' && (await isDone(context, recordingId, kind))) continue;
    await db
      .insertInto('jobs')
      .values({
        user_id: owner,
        id: uuidv7(),
        recording_id: recordingId,
        kind,
        state: 'queued',
        message_id: message.id,
        message_type: message.type,
        message_data: JSON.stringify(message.data),
        progress: null,
        cancel_requested: 0,
        attempts: '[]',
        failure: null,
        created_at: now,
        updated_at: now,
        ended_at: null,
      })
      .execute();
  }
}

/** Of a recording that is gone nothing is done, and nobody waits for it. */
async function isThere({ db, owner }: OwnerContext, recordingId: string): Promise<boolean> {
  const found = await db
    .selectFrom('recordings')
    .select('id')
    .where('user_id', '=', owner)
    .where('id', '=', recordingId)
    .executeTakeFirst();
  return found !== undefined;
}

async function isDone({ db, owner }: OwnerContext, recordingId: string, kind: JobKind): Promise<boolean> {
  const done = await db
    .selectFrom('jobs')
    .select('id')
    .where('user_id', '=', owner)
    .where('recording_id', '=', recordingId)
    .where('kind', '=', kind)
    .where('state', '=', 'succeeded')
    .executeTakeFirst();
  return done !== undefined;
}
