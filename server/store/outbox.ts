import type { Message, MessageData, MessageType } from '@speakr/contracts/events';
import { v7 as uuidv7 } from 'uuid';
import { addJobs, type RetriedJob } from './job-messages.ts';
import type { OwnerContext } from './owner-context.ts';

/**
 * Puts a message into the outbox of the running transaction, and with it the jobs that it begins.
 * @param retried the job that it has tried again, instead of new ones
 */
export async function publishMessage<T extends MessageType>(
  context: OwnerContext,
  type: T,
  data: MessageData<T>,
  correlation?: string,
  retried?: RetriedJob,
): Promise<void> {
  const { db, owner, clock } = context;
  const recordingId = 'recordingId' in data ? data.recordingId : undefined;
  const id = uuidv7();
  const now = clock.now();
  const traceparent = context.traceparent?.();
  const message = {
    specversion: '1.0',
    id,
    source: '/speakr/server',
    type,
    time: new Date(now).toISOString(),
    ...(recordingId === undefined ? {} : { subject: recordingId }),
    owner,
    correlationid: correlation ?? recordingId ?? id,
    ...(traceparent === undefined ? {} : { traceparent }),
    data,
  } as unknown as Message;
  await db
    .insertInto('outbox')
    .values({
      id,
      user_id: owner,
      recording_id: recordingId ?? null,
      type,
      message: JSON.stringify(message),
      created_at: now,
    })
    .execute();
  await addJobs(context, message, retried);
  context.published.push(message);
}
