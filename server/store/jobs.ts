import type { MessageData, MessageType } from '@speakr/contracts/events';
import type { Job, JobKind, JobState } from '@speakr/contracts/jobs';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { Selectable } from 'kysely';
import { begun, ended, hasEnded, type JobChange } from './job-states.ts';
import { publishMessage } from './outbox.ts';
import type { OwnerContext } from './owner-context.ts';
import { recordingQueries } from './recordings.ts';
import { byReference } from './reference.ts';
import type { Tables } from './schema.ts';
import type { OwnerStore } from './store.ts';
import { transcriptQueries } from './transcripts.ts';

type JobQueries = Pick<
  OwnerStore,
  'resolveJob' | 'listJobs' | 'beginJob' | 'reportJob' | 'endJob' | 'cancelJob' | 'retryJob' | 'forgetJobs'
>;

/** Error code of what was cancelled, and who then holds the writing of its transcript. */
const CANCELLED = 'job_cancelled';

/** These change what their recording says of itself. */
const makesRecording = (kind: JobKind) => kind === 'ingestion' || kind === 'transcription';

function toJob(row: Selectable<Tables['jobs']>): Job {
  const { revision } = JSON.parse(row.message_data) as { revision?: number };
  return {
    id: row.id,
    kind: row.kind as JobKind,
    state: row.state as JobState,
    recordingId: row.recording_id,
    ...(revision === undefined ? {} : { revision }),
    ...(row.progress === null ? {} : { progress: row.progress / 1000 }),
    ...(row.cancel_requested ? { cancelRequested: true } : {}),
    attempts: JSON.parse(row.attempts),
    ...(row.failure === null ? {} : { failure: row.failure }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  };
}

export function jobQueries(context: OwnerContext): JobQueries {
  const { db, owner, clock } = context;
  const rows = () => db.selectFrom('jobs').selectAll().where('user_id', '=', owner);
  const rowOf = async (id: string) => {
    const row = await rows().where('id', '=', id).executeTakeFirst();
    if (!row) throw new SpeakrError('not_found', `There is no job ${id}.`);
    return row;
  };

  async function change(
    id: string,
    { state, attempts, cancelRequested, progress, failure, endedAt }: JobChange,
  ) {
    await db
      .updateTable('jobs')
      .set({
        updated_at: clock.now(),
        ...(state === undefined ? {} : { state }),
        ...(attempts === undefined ? {} : { attempts: JSON.stringify(attempts) }),
        ...(cancelRequested === undefined ? {} : { cancel_requested: cancelRequested ? 1 : 0 }),
        ...(progress === undefined ? {} : { progress }),
        ...(failure === undefined ? {} : { failure }),
        ...(endedAt === undefined ? {} : { ended_at: endedAt }),
      })
      .where('user_id', '=', owner)
      .where('id', '=', id)
      .execute();
    return toJob(await rowOf(id));
  }

  /** The recording is what it was before the job, or nothing came of it. */
  async function settleRecording({ kind, recordingId, revision }: Job, code: string): Promise<void> {
    if (!makesRecording(kind)) return;
    const recordings = recordingQueries(context);
    const recording = await recordings.getRecording(recordingId);
    if (recording?.state !== 'processing') return;
    const transcripts = transcriptQueries(context);
    const revisions = await transcripts.listRevisions(recordingId);
    // Who still writes it finds that somebody else does now.
    if (revisions.some((each) => each.revision === revision && !each.complete))
      await transcripts.leaseRevision(recordingId, revision ?? 0, code);
    const isUsable = revisions.some(({ complete }) => complete);
    await recordings.updateRecording(recordingId, { state: isUsable ? 'ready' : 'failed', failure: code });
    await publishMessage(context, 'transcription.failed.v1', { recordingId, code });
  }

  /** @throws SpeakrError `conflict` when the recording has gone on without it */
  async function prepareRetry({ kind, recordingId, revision = 0 }: Job): Promise<void> {
    if (!makesRecording(kind)) return;
    const recordings = recordingQueries(context);
    const recording: Recording | undefined = await recordings.getRecording(recordingId);
    if (recording?.state !== 'failed' && recording?.state !== 'ready')
      throw new SpeakrError('conflict', `The recording is ${recording?.state ?? 'gone'}.`);
    const complete = (await transcriptQueries(context).listRevisions(recordingId)).filter(
      (each) => each.complete,
    );
    if (complete.some((each) => each.revision >= revision))
      throw new SpeakrError('conflict', 'The recording has a newer transcript.', {
        hint: 'Run `speakr retranscribe` for another one.',
      });
    await recordings.updateRecording(recordingId, { state: 'processing', failure: null });
  }

  return {
    async resolveJob(reference) {
      if (reference === 'last') {
        const last = await rows().orderBy('id', 'desc').limit(1).executeTakeFirst();
        if (!last) throw new SpeakrError('not_found', 'There is no job yet.');
        return toJob(last);
      }
      return byReference(
        reference,
        async ({ operator, value }) =>
          (await rows().where('id', operator, value).limit(2).execute()).map(toJob),
        'job',
      );
    },

    async listJobs({ limit, cursor, states, kinds, messageId, recordingId }) {
      let query = rows();
      if (cursor !== undefined) {
        if (!/^[0-9a-f-]{36}$/.test(cursor))
          throw new SpeakrError('invalid_request', 'The cursor is not one that a list gave.');
        query = query.where('id', '<', cursor);
      }
      if (states) query = query.where('state', 'in', [...states]);
      if (kinds) query = query.where('kind', 'in', [...kinds]);
      if (messageId !== undefined) query = query.where('message_id', '=', messageId);
      if (recordingId !== undefined) query = query.where('recording_id', '=', recordingId);
      const found = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      const jobs = found.slice(0, limit).map(toJob);
      const last = jobs.at(-1);
      return found.length > limit && last !== undefined ? { jobs, nextCursor: last.id } : { jobs };
    },

    async beginJob(messageId, kind) {
      const row = await rows()
        .where('message_id', '=', messageId)
        .where('kind', '=', kind)
        .executeTakeFirst();
      if (!row) return undefined;
      const job = toJob(row);
      // A message may come again when its work is done; a dead letter that is replayed is begun again.
      if (job.state === 'succeeded' || job.state === 'cancelled') return job;
      const next = begun(job, clock.now());
      if (next.state === 'cancelled') await settleRecording(job, CANCELLED);
      return change(job.id, next);
    },

    async reportJob(id, progress) {
      const job = toJob(await rowOf(id));
      if (job.state !== 'running' || progress === undefined) return job;
      return change(id, { progress: Math.round(Math.min(1, Math.max(0, progress)) * 1000) });
    },

    async endJob(id, end) {
      const job = toJob(await rowOf(id));
      if (job.state !== 'running') return job;
      if (end.outcome === 'cancelled') await settleRecording(job, CANCELLED);
      if (end.outcome === 'failed' && end.final) await settleRecording(job, end.code ?? 'internal');
      return change(id, ended(job, end, clock.now()));
    },

    async cancelJob(id) {
      const job = toJob(await rowOf(id));
      if (hasEnded(job)) throw new SpeakrError('job_ended', `The job has ${job.state}.`);
      const { recordingId } = job;
      if (makesRecording(job.kind)) {
        const recording = await recordingQueries(context).getRecording(recordingId);
        if (recording?.state === 'recording') throw new SpeakrError('recording_running');
      }
      await publishMessage(context, 'job.cancelled.v1', { recordingId, jobId: id });
      if (job.state === 'running') return change(id, { cancelRequested: true });
      await settleRecording(job, CANCELLED);
      return change(id, { state: 'cancelled', endedAt: clock.now() });
    },

    async retryJob(id) {
      const row = await rowOf(id);
      const job = toJob(row);
      if (job.state !== 'failed' && job.state !== 'cancelled')
        throw new SpeakrError(
          'job_not_ended',
          `The job has ${job.state === 'succeeded' ? '' : 'not '}succeeded.`,
        );
      await prepareRetry(job);
      const type = row.message_type as MessageType;
      const data = JSON.parse(row.message_data) as MessageData<MessageType>;
      await publishMessage(context, type, data, undefined, { id, kind: job.kind });
      return change(id, { state: 'queued', progress: null, endedAt: null, cancelRequested: false });
    },

    async forgetJobs(endedBefore) {
      const { numDeletedRows } = await db
        .deleteFrom('jobs')
        .where('user_id', '=', owner)
        .where('ended_at', '<', endedBefore)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
