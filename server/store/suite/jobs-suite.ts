import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message } from '@speakr/contracts/events';
import type { Job } from '@speakr/contracts/jobs';
import type { Store } from '../store.ts';
import { create, createSpoken, type MakeStore, read, withStore, write } from './samples.ts';

/** Publishes and returns the message. */
async function published(store: Store, work: Parameters<typeof write<void>>[1]): Promise<Message> {
  const messages: Message[] = [];
  const leave = store.outbox.onPublished((all) => messages.push(...all));
  await write(store, work);
  leave();
  assert.ok(messages[0]);
  return messages[0];
}

const run = (recordingId: string, revision = 1) => ({
  recordingId,
  mode: 'batch' as const,
  revision,
  model: 'moonshine-tiny-en',
  language: 'en',
});

/** A recording that is to be transcribed, and the message that says so. */
async function queued(store: Store): Promise<{ recordingId: string; message: Message; job: Job }> {
  const recordingId = await create(store);
  const message = await published(store, async (own) => {
    await own.updateRecording(recordingId, { state: 'processing' });
    await own.publish('transcription.run.v1', run(recordingId));
  });
  const { jobs } = await read(store, (own) => own.listJobs({ limit: 10, recordingId }));
  assert.equal(jobs.length, 1);
  return { recordingId, message, job: jobs[0]! };
}

const begin = (store: Store, { id }: Message) => write(store, (own) => own.beginJob(id, 'transcription'));
const reload = (store: Store, id: string) => read(store, (own) => own.resolveJob(id));
const outcomes = ({ attempts }: Job) => attempts.map(({ outcome, code }) => code ?? outcome);

export function jobsSuite(make: MakeStore): void {
  const test = (title: string, work: (store: Store) => Promise<void>) => it(title, withStore(make, work));

  describe('jobs', () => {
    test('are made with the message that has them done, and are not when its transaction fails', async (store) => {
      const id = await createSpoken(store, ['We launch.']);
      await write(store, (own) =>
        own.publish('transcription.completed.v1', { recordingId: id, revision: 1, language: 'en' }),
      );
      const { jobs } = await read(store, (own) => own.listJobs({ limit: 10 }));
      assert.deepEqual(jobs.map(({ kind, state, recordingId }) => [kind, state, recordingId]).sort(), [
        ['embedding', 'queued', id],
        ['notes', 'queued', id],
      ]);
      await assert.rejects(
        write(store, async (own) => {
          await own.publish('notes.generated.v1', { recordingId: id, revision: 1 });
          throw new Error('no');
        }),
      );
      assert.equal((await read(store, (own) => own.listJobs({ limit: 10 }))).jobs.length, 2);
    });

    test('are of their owner only', async (store) => {
      const { job, message } = await queued(store);
      const other = 'somebody-else';
      await assert.rejects(
        read(store, (own) => own.resolveJob(job.id), other),
        { code: 'not_found' },
      );
      assert.deepEqual(await read(store, (own) => own.listJobs({ limit: 10 }), other), { jobs: [] });
      assert.equal(await write(store, (own) => own.beginJob(message.id, 'transcription'), other), undefined);
      for (const work of ['cancelJob', 'retryJob'] as const)
        await assert.rejects(
          write(store, (own) => own[work](job.id), other),
          { code: 'not_found' },
        );
    });

    test('run, tell how far they are, and succeed; the same message again finds them done', async (store) => {
      const { job, message } = await queued(store);
      assert.deepEqual([job.kind, job.state, job.revision, job.attempts], ['transcription', 'queued', 1, []]);
      assert.equal((await begin(store, message))?.state, 'running');
      assert.equal((await write(store, (own) => own.reportJob(job.id, 0.25))).progress, 0.25);
      const ended = await write(store, (own) => own.endJob(job.id, { outcome: 'succeeded' }));
      assert.deepEqual([ended.state, ended.progress, outcomes(ended)], ['succeeded', 1, ['succeeded']]);
      assert.ok(ended.endedAt! >= ended.attempts[0]!.startedAt);
      assert.equal((await begin(store, message))?.state, 'succeeded');
      assert.equal((await reload(store, job.id)).attempts.length, 1);
    });

    test('remember each attempt, also those whose process died', async (store) => {
      const { job, message, recordingId } = await queued(store);
      await begin(store, message);
      await write(store, (own) => own.endJob(job.id, { outcome: 'failed', code: 'unavailable' }));
      const waiting = await reload(store, job.id);
      assert.deepEqual(
        [waiting.state, waiting.failure, waiting.endedAt],
        ['queued', 'unavailable', undefined],
      );
      await begin(store, message);
      await begin(store, message);
      await write(store, (own) => own.endJob(job.id, { outcome: 'failed', code: 'oops', final: true }));
      const failed = await reload(store, job.id);
      assert.deepEqual([failed.state, failed.failure], ['failed', 'oops']);
      assert.deepEqual(outcomes(failed), ['unavailable', 'interrupted', 'oops']);
      const recording = await read(store, (own) => own.getRecording(recordingId));
      assert.deepEqual([recording?.state, recording?.failure], ['failed', 'oops']);
    });

    test('keep the newest twenty attempts', async (store) => {
      const { job, message } = await queued(store);
      for (let attempt = 0; attempt < 25; attempt++) await begin(store, message);
      assert.equal((await reload(store, job.id)).attempts.length, 20);
    });

    test('that wait are cancelled at once, with what was to become of the recording', async (store) => {
      const { job, message, recordingId } = await queued(store);
      const cancelled = await write(store, (own) => own.cancelJob(job.id));
      assert.equal(cancelled.state, 'cancelled');
      assert.equal((await begin(store, message))?.state, 'cancelled');
      const recording = await read(store, (own) => own.getRecording(recordingId));
      assert.deepEqual([recording?.state, recording?.failure], ['failed', 'job_cancelled']);
      await assert.rejects(
        write(store, (own) => own.cancelJob(job.id)),
        { code: 'job_ended' },
      );
    });

    test('that run are told to stop; who has died meanwhile is not begun again', async (store) => {
      const { job, message } = await queued(store);
      await begin(store, message);
      const told = await write(store, (own) => own.cancelJob(job.id));
      assert.deepEqual([told.state, told.cancelRequested], ['running', true]);
      const next = await begin(store, message);
      assert.deepEqual([next?.state, next?.cancelRequested], ['cancelled', undefined]);
      assert.deepEqual(outcomes(next!), ['interrupted']);
    });

    test('that are cancelled let nobody write their transcript any more', async (store) => {
      const { job, message, recordingId } = await queued(store);
      await begin(store, message);
      const lease = await write(store, async (own) => {
        await own.beginRevision(recordingId, { revision: 1, origin: 'batch', language: 'en', model: 'm' });
        return own.leaseRevision(recordingId, 1, message.id);
      });
      await write(store, (own) => own.cancelJob(job.id));
      await write(store, (own) => own.endJob(job.id, { outcome: 'cancelled' }));
      await assert.rejects(
        write(store, (own) => own.demandLease(recordingId, 1, lease)),
        { code: 'conflict' },
      );
    });

    test('of another transcript leave the recording the one it has', async (store) => {
      const recordingId = await createSpoken(store, ['We launch.']);
      await write(store, async (own) => {
        await own.completeRevision(recordingId, 1);
        await own.updateRecording(recordingId, { state: 'processing' });
        await own.publish('transcription.run.v1', run(recordingId, 2));
      });
      const { id } = await read(store, (own) => own.resolveJob('last'));
      await write(store, (own) => own.cancelJob(id));
      const recording = await read(store, (own) => own.getRecording(recordingId));
      assert.deepEqual([recording?.state, recording?.failure], ['ready', 'job_cancelled']);
    });

    test('of a recording that runs are not cancelled: the recording is', async (store) => {
      const recordingId = await create(store);
      await write(store, (own) => own.publish('transcription.run.v1', run(recordingId)));
      const { id } = await read(store, (own) => own.resolveJob('last'));
      await assert.rejects(
        write(store, (own) => own.cancelJob(id)),
        { code: 'recording_running' },
      );
    });

    test('are tried again by a new message, with their history', async (store) => {
      const { job, message, recordingId } = await queued(store);
      await assert.rejects(
        write(store, (own) => own.retryJob(job.id)),
        { code: 'job_not_ended' },
      );
      await begin(store, message);
      await write(store, (own) => own.endJob(job.id, { outcome: 'failed', code: 'oops', final: true }));
      const again = await published(store, async (own) => {
        assert.equal((await own.retryJob(job.id)).state, 'queued');
      });
      assert.deepEqual([again.type, again.data], [message.type, message.data]);
      assert.notEqual(again.id, message.id);
      assert.equal(await begin(store, message), undefined);
      assert.equal((await begin(store, again))?.id, job.id);
      const done = await write(store, (own) => own.endJob(job.id, { outcome: 'succeeded' }));
      assert.deepEqual([done.failure, outcomes(done)], [undefined, ['oops', 'succeeded']]);
      assert.equal((await read(store, (own) => own.listJobs({ limit: 10, recordingId }))).jobs.length, 1);
      assert.equal((await read(store, (own) => own.getRecording(recordingId)))?.state, 'processing');
    });

    test('are not tried again when the recording has a newer transcript', async (store) => {
      const { job, recordingId } = await queued(store);
      await write(store, (own) => own.cancelJob(job.id));
      await write(store, async (own) => {
        await own.beginRevision(recordingId, { revision: 2, origin: 'import', language: 'en', model: 'm' });
        await own.completeRevision(recordingId, 2);
      });
      await assert.rejects(
        write(store, (own) => own.retryJob(job.id)),
        { code: 'conflict' },
      );
    });

    test('come in pages, newest first, and by state, kind and recording', async (store) => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index++) ids.unshift((await queued(store)).job.id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await read(store, (own) => own.listJobs({ limit: 2, ...(cursor ? { cursor } : {}) }));
        seen.push(...page.jobs.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      assert.deepEqual(seen, ids);
      await write(store, (own) => own.cancelJob(ids[1]!));
      const of = async (filter: object) =>
        (await read(store, (own) => own.listJobs({ limit: 10, ...filter }))).jobs.map(({ id }) => id);
      assert.deepEqual(await of({ states: ['cancelled', 'failed'] }), [ids[1]]);
      assert.deepEqual(await of({ kinds: ['notes'] }), []);
      assert.equal((await read(store, (own) => own.resolveJob(ids[3]!.slice(-6)))).id, ids[3]);
      for (const wrong of ["'; drop table jobs; --", '%', 'ab'])
        await assert.rejects(
          read(store, (own) => own.resolveJob(wrong)),
          { code: 'not_found' },
        );
      await assert.rejects(
        read(store, (own) => own.listJobs({ limit: 1, cursor: "' or 1=1" })),
        { code: 'invalid_request' },
      );
    });

    test('go with their recording, and after their time', async (store) => {
      const { job, message, recordingId } = await queued(store);
      await begin(store, message);
      assert.equal(await write(store, (own) => own.forgetJobs(Number.MAX_SAFE_INTEGER)), 0);
      const { endedAt } = await write(store, (own) => own.endJob(job.id, { outcome: 'succeeded' }));
      assert.equal(await write(store, (own) => own.forgetJobs(endedAt!)), 0);
      const kept = await queued(store);
      assert.equal(await write(store, (own) => own.forgetJobs(endedAt! + 1)), 1);
      await write(store, (own) => own.deleteRecording(kept.recordingId));
      await write(store, (own) => own.deleteRecording(recordingId));
      assert.deepEqual(await read(store, (own) => own.listJobs({ limit: 10 })), { jobs: [] });
    });
  });
}
