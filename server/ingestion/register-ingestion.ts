import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Bus } from '../bus/bus.ts';
import type { Log } from '../observability/log.ts';
import { type IngestOptions, type IngestRun, ingest } from './ingest.ts';

export interface IngestionOptions extends IngestOptions {
  readonly bus: Bus;
  readonly log: Log;
  /** Where the objects of an upload are: `uploads/…/`. */
  uploadFolder(owner: string, uploadId: string): string;
}

const KEEP_ALIVE_MS = 5000;

/** Reads uploads into recordings, as the consumer `ingestion`. A file that cannot be read fails its recording. */
export async function registerIngestion(options: IngestionOptions): Promise<void> {
  const { bus, storage, log, workDir, uploadFolder } = options;
  await removeLeftovers(workDir);
  bus.consume({
    name: 'ingestion',
    types: ['ingestion.run.v1'],
    // One ffmpeg beside the decoders is enough.
    concurrency: 1,
    async handle({ message, signal, working, job }) {
      const { owner, correlationid: correlation, data } = message;
      const { recordingId, uploadId } = data;
      const alive = setInterval(working, KEEP_ALIVE_MS);
      const run: IngestRun = {
        owner,
        recordingId,
        uploadId,
        correlation,
        signal,
        onProgress: (share) => job?.progress(share),
      };
      try {
        await ingest(options, run);
        await storage.removeAll(uploadFolder(owner, uploadId));
        log.info({ recordingId, uploadId }, 'upload ingested');
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (!(error instanceof SpeakrError) || error.definition.retryable || error.code === 'ffmpeg_missing')
          throw error;
        const { code } = error;
        log.warn({ recordingId, uploadId, code }, 'upload cannot be read');
        await fail(options, run, code);
        job?.failed(code);
      } finally {
        clearInterval(alive);
      }
    },
  });
}

/** What processes left that were killed. Their folders have their process id in front. */
async function removeLeftovers(workDir: string): Promise<void> {
  for (const name of await readdir(workDir).catch(() => []))
    if (!isRunning(Number.parseInt(name, 10)))
      await rm(join(workDir, name), { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    return pid !== process.pid && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Its objects stay until they expire: somebody may change the limits and try again. */
async function fail(
  { store, audioLog }: IngestOptions,
  { owner, recordingId, uploadId, correlation }: IngestRun,
  code: string,
): Promise<void> {
  await audioLog.remove(owner, recordingId);
  await store.transaction(owner, async (own) => {
    await own.updateUpload(uploadId, { state: 'failed' });
    if ((await own.getRecording(recordingId))?.state !== 'processing') return;
    await own.updateRecording(recordingId, { state: 'failed', failure: code });
    await own.publish('transcription.failed.v1', { recordingId, code }, correlation);
  });
}
