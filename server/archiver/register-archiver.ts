import { SpeakrError } from '@speakr/contracts/problem';
import type { AudioLog } from '../audio-log/audio-log.ts';
import type { Bus } from '../bus/bus.ts';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import type { Archive } from './archive.ts';

export interface ArchiverOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly archive: Archive;
  readonly log: Log;
}

/**
 * Archives the audio when the notes are there, and nobody waits any more, and removes it with its recording. Where
 * ffmpeg is missing, or notes never come, the log stays: `archiveLeftovers` tries again.
 */
export function registerArchiver({ bus, store, archive, log }: ArchiverOptions): void {
  bus.consume({
    name: 'archiver',
    types: ['transcription.completed.v1', 'notes.generated.v1', 'recording.deleted.v1'],
    // One ffmpeg beside the decoders is enough.
    concurrency: 1,
    async handle({ message, signal }) {
      const { owner, correlationid } = message;
      const { recordingId } = message.data;
      if (message.type === 'recording.deleted.v1') {
        // Told once more, and its id is in use again: that can only be since nothing was left of what was deleted.
        if ((await store.read(owner, (own) => own.getRecording(recordingId))) !== undefined) return;
        return archive.remove(owner, recordingId);
      }
      const notes = await store.read(owner, (own) => own.getNotes(recordingId));
      if (notes === undefined) return;
      await archiveOne({ store, archive, log }, owner, recordingId, signal, correlationid);
    },
  });
}

async function archiveOne(
  { store, archive, log }: Omit<ArchiverOptions, 'bus'>,
  owner: string,
  recordingId: string,
  signal: AbortSignal,
  correlation?: string,
): Promise<void> {
  const recording = await store.read(owner, (own) => own.getRecording(recordingId));
  // A discarded one may be restored and go on.
  if (recording?.state !== 'ready') return;
  const published = () =>
    store.transaction(owner, async (own) => {
      if ((await own.getRecording(recordingId)) === undefined) throw new SpeakrError('not_found');
      await own.publish('audio.archived.v1', { recordingId }, correlation);
    });
  try {
    if (await archive.store(owner, recordingId, published, signal))
      log.info({ recordingId }, 'audio archived');
  } catch (error) {
    // It was deleted meanwhile, and what had been archived until then with it; the rest came after that.
    if ((await store.read(owner, (own) => own.getRecording(recordingId))) === undefined)
      return archive.remove(owner, recordingId);
    if (!(error instanceof SpeakrError) || error.code !== 'ffmpeg_missing') throw error;
    log.warn({ recordingId }, 'audio is not archived: ffmpeg is missing');
  }
}

/** Archives what an earlier run could not. @param logs recordings that still have a log */
export async function archiveLeftovers(
  options: Omit<ArchiverOptions, 'bus'> & {
    logs: ReturnType<AudioLog['list']>;
    signal: AbortSignal;
  },
): Promise<void> {
  for await (const { recordingId, owner } of options.logs) {
    if (options.signal.aborted) return;
    try {
      await archiveOne(options, owner, recordingId, options.signal);
    } catch (error) {
      options.log.error({ recordingId, error }, 'audio could not be archived');
    }
  }
}
