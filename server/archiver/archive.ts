import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { AudioLog, LogChunk } from '../audio-log/audio-log.ts';
import { archiveTrack, readArchivedTrack } from './track-archive.ts';

export interface ArchiveOptions {
  /** Holds one folder a recording. */
  readonly directory: string;
  readonly ffmpeg: string;
  readonly audioLog: AudioLog;
  dataKey(owner: string, recordingId: string): Promise<Uint8Array>;
}

/** Audio of finished recordings: encrypted FLAC, one file a track. */
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
  /** Removes archive and log. Idempotent. */
  remove(recordingId: string): Promise<void>;
}

export function createArchive({ directory, ffmpeg, audioLog, dataKey }: ArchiveOptions): Archive {
  const folderOf = (recordingId: string) => join(directory, recordingId);
  const trackPath = (recordingId: string, track: number) =>
    join(folderOf(recordingId), `track-${track}.flac.sealed`);

  /** Two may ask for the same: after a restart the message and the search for leftovers. */
  const underWay = new Map<string, Promise<boolean>>();

  async function store(
    owner: string,
    recordingId: string,
    onArchived: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const status = await audioLog.status(recordingId);
    if (status === undefined || !status.sealed) return false;
    const key = await dataKey(owner, recordingId);
    await mkdir(folderOf(recordingId), { recursive: true, mode: 0o700 });
    const done = await readdir(folderOf(recordingId));
    for (const track of status.samples.keys()) {
      const path = trackPath(recordingId, track);
      // A file that is there was verified before a crash kept the log from being removed.
      if (done.includes(`track-${track}.flac.sealed`)) continue;
      const audio = audioLog.follow(owner, recordingId, track, 0, signal);
      await archiveTrack({ path, ffmpeg, key, recordingId, track }, audio, signal);
    }
    await onArchived();
    await audioLog.remove(recordingId);
    return true;
  }

  return {
    async store(owner, recordingId, onArchived, signal) {
      const before = underWay.get(recordingId) ?? Promise.resolve();
      const storing = before.catch(() => {}).then(() => store(owner, recordingId, onArchived, signal));
      underWay.set(recordingId, storing);
      try {
        return await storing;
      } finally {
        if (underWay.get(recordingId) === storing) underWay.delete(recordingId);
      }
    },

    async *open(owner, recordingId, track, fromSample, signal) {
      if ((await audioLog.status(recordingId)) !== undefined) {
        let begun = false;
        try {
          for await (const chunk of audioLog.follow(owner, recordingId, track, fromSample, signal)) {
            begun = true;
            yield chunk;
          }
          return;
        } catch (error) {
          // It was archived between the look and the reading.
          if (begun || !isAbsent(error)) throw error;
        }
      }
      const key = await dataKey(owner, recordingId);
      const path = trackPath(recordingId, track);
      try {
        yield* readArchivedTrack({ path, ffmpeg, key, recordingId, track }, fromSample, signal);
      } catch (error) {
        if (isAbsent(error))
          throw new SpeakrError('not_found', 'There is no audio of this recording.', { cause: error });
        throw error;
      }
    },

    async remove(recordingId) {
      await audioLog.remove(recordingId);
      await rm(folderOf(recordingId), { recursive: true, force: true });
    },
  };
}

const isAbsent = (error: unknown) =>
  ['ENOENT', 'not_found'].includes((error as { code?: string }).code ?? '');
