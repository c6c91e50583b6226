import { SpeakrError } from '@speakr/contracts/problem';
import type { AudioLog, LogChunk } from '../audio-log/audio-log.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import { archiveTrack, readArchivedTrack } from './track-archive.ts';

export interface ArchiveOptions {
  readonly storage: ObjectStorage;
  /** Where the audio of a recording is in the storage: `audio/…/`. */
  folderOf(owner: string, recordingId: string): string;
  readonly ffmpeg: string;
  readonly audioLog: AudioLog;
  dataKey(owner: string, recordingId: string): Promise<Uint8Array>;
}

/** Audio of finished recordings: encrypted FLAC, one object a track. */
export interface Archive {
  /**
   * Archives every track of a sealed log, then removes the log. Idempotent.
   * @returns false when there is no sealed log (any more)
   * @throws SpeakrError `ffmpeg_missing`; the log stays
   */
  store(
    owner: string,
    recordingId: string,
    onArchived: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Reads a track from the log, or from the archive. @throws SpeakrError `not_found` */
  open(
    owner: string,
    recordingId: string,
    track: number,
    fromSample: number,
    signal: AbortSignal,
  ): AsyncGenerator<LogChunk>;
  /** Whether there is audio of this id, in log or archive; after a deletion a moment longer than its recording. */
  holds(owner: string, recordingId: string): Promise<boolean>;
  /** Removes archive and log. Idempotent. */
  remove(owner: string, recordingId: string): Promise<void>;
}

export function createArchive({ storage, folderOf, ffmpeg, audioLog, dataKey }: ArchiveOptions): Archive {
  const trackArchive = (key: Uint8Array, owner: string, recordingId: string, track: number) => ({
    storage,
    object: `${folderOf(owner, recordingId)}track-${track}.flac.sealed`,
    ffmpeg,
    key,
    recordingId,
    track,
  });

  /** Two may ask for the same: after a restart the message and the search for leftovers. */
  const underWay = new Map<string, Promise<boolean>>();

  async function store(
    owner: string,
    recordingId: string,
    onArchived: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const status = await audioLog.status(owner, recordingId);
    if (status === undefined || !status.sealed) return false;
    const key = await dataKey(owner, recordingId);
    for (const track of status.samples.keys()) {
      const audio = () => audioLog.follow(owner, recordingId, track, 0, signal);
      await archiveTrack(trackArchive(key, owner, recordingId, track), audio, signal);
    }
    await onArchived();
    await audioLog.remove(owner, recordingId);
    return true;
  }

  return {
    async store(owner, recordingId, onArchived, signal) {
      const id = `${owner}/${recordingId}`;
      const before = underWay.get(id) ?? Promise.resolve();
      const storing = before.catch(() => {}).then(() => store(owner, recordingId, onArchived, signal));
      underWay.set(id, storing);
      try {
        return await storing;
      } finally {
        if (underWay.get(id) === storing) underWay.delete(id);
      }
    },

    async *open(owner, recordingId, track, fromSample, signal) {
      let next = fromSample;
      if ((await audioLog.status(owner, recordingId)) !== undefined) {
        try {
          for await (const chunk of audioLog.follow(owner, recordingId, track, fromSample, signal)) {
            next = chunk.offset + ('pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples);
            yield chunk;
          }
          return;
        } catch (error) {
          // It was archived meanwhile: the rest is there.
          if (!isAbsent(error)) throw error;
        }
      }
      const key = await dataKey(owner, recordingId);
      try {
        yield* readArchivedTrack(trackArchive(key, owner, recordingId, track), next, signal);
      } catch (error) {
        if (isAbsent(error))
          throw new SpeakrError('not_found', 'There is no audio of this recording.', { cause: error });
        throw error;
      }
    },

    async holds(owner, recordingId) {
      if ((await audioLog.status(owner, recordingId)) !== undefined) return true;
      for await (const _ of storage.list(folderOf(owner, recordingId))) return true;
      return false;
    },

    async remove(owner, recordingId) {
      await audioLog.remove(owner, recordingId);
      await storage.removeAll(folderOf(owner, recordingId));
    },
  };
}

const isAbsent = (error: unknown) => error instanceof SpeakrError && error.code === 'not_found';
