import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { type Journal, journalSamples, openJournal, openJournalReader } from '../journal/journal.ts';
import type { Log } from '../observability/log.ts';
import type { AudioLog, LogChunk } from './audio-log.ts';
import { type LogManifest, readManifest, writeManifest } from './log-manifest.ts';

export interface FileAudioLogOptions {
  /** Holds one directory a recording. */
  readonly directory: string;
  /** The recording's data key, 32 bytes. */
  dataKey(owner: string, recordingId: string): Promise<Uint8Array>;
  readonly log: Log;
}

/** How long appended audio may wait for the disk, ms: one sync serves everything that came in meanwhile. */
const SYNC_MS = 250;

interface TrackLog {
  readonly journal: Journal;
  durable: number;
  /** Appends of a track run one after the other. */
  queue: Promise<unknown>;
}

interface RecordingLog {
  readonly key: Uint8Array;
  /** Open for appending: empty until this process does, and again after the seal. */
  readonly tracks: Map<number, TrackLog>;
  /** Opening of tracks that is under way. */
  opening?: Promise<void>;
  manifest: LogManifest;
  removed: boolean;
  syncTimer?: NodeJS.Timeout;
  /** Why the last sync failed; the next append says so. */
  failure?: unknown;
  /** Grows with every append and with the seal. */
  version: number;
  /** Followers that wait for more. */
  readonly waiting: Set<() => void>;
}

const absent = () => new SpeakrError('not_found', 'There is no audio of this recording.');
const samplesOf = (chunk: LogChunk) => ('pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples);

/** The audio log on encrypted files: one journal a track, and a manifest that says whose it is and whether it is sealed. */
export function createFileAudioLog({ directory, dataKey, log }: FileAudioLogOptions): AudioLog {
  const opened = new Map<string, Promise<RecordingLog>>();
  /** Removals under way: what they have not removed yet must not be found, nor kept in `opened`. */
  const removing = new Map<string, Promise<void>>();
  const listeners = new Map<string, Set<(track: number, samples: number) => void>>();

  function folderOf(recordingId: string): string {
    // It becomes a path: nothing but an id may pass.
    if (!/^[0-9a-f-]{36}$/i.test(recordingId)) throw new SpeakrError('not_found');
    return join(directory, recordingId);
  }
  const journalPath = (recordingId: string, track: number) =>
    join(folderOf(recordingId), `track-${track}.journal`);

  function wake(recording: RecordingLog): void {
    recording.version += 1;
    for (const resolve of recording.waiting) resolve();
  }

  async function addTracks(id: string, recording: RecordingLog, tracks: readonly number[]): Promise<void> {
    for (const track of tracks) {
      if (recording.tracks.has(track)) continue;
      const path = journalPath(id, track);
      const journal = await openJournal({ path, key: recording.key, recordingId: id, track });
      recording.tracks.set(track, { journal, durable: journal.samples, queue: Promise.resolve() });
    }
  }

  /** Reading changes nothing: another process may be the one that appends. */
  async function load(owner: string, id: string, mustExist: boolean): Promise<RecordingLog> {
    const found = await readManifest(folderOf(id));
    if (found === undefined && mustExist) throw absent();
    const manifest = found ?? { owner, tracks: [] };
    const key = await dataKey(manifest.owner, id);
    return { key, tracks: new Map(), manifest, removed: false, version: 0, waiting: new Set() };
  }

  /** Opens the journals of these tracks and of those that are there already, one caller after the other. */
  function openForAppending(
    id: string,
    recording: RecordingLog,
    tracks: readonly number[] = [],
  ): Promise<void> {
    const open = async () => {
      if (recording.manifest.sealed !== undefined) return;
      await mkdir(folderOf(id), { recursive: true, mode: 0o700 });
      const all = [...new Set([...recording.manifest.tracks, ...tracks])];
      // The manifest comes last: what it names is there.
      await addTracks(id, recording, all);
      if (all.length === recording.manifest.tracks.length) return;
      recording.manifest = { ...recording.manifest, tracks: all };
      await writeManifest(folderOf(id), recording.manifest);
    };
    const opening = (recording.opening ?? Promise.resolve()).catch(() => {}).then(open);
    recording.opening = opening;
    return opening;
  }

  function openOnce(owner: string, id: string, mustExist = false): Promise<RecordingLog> {
    let loading = opened.get(id);
    if (loading === undefined) {
      loading = load(owner, id, mustExist);
      opened.set(id, loading);
      loading.catch(() => opened.delete(id));
    }
    return loading;
  }

  /** The log of a recording that has one, whether or not somebody appends to it in this process. */
  async function existing(owner: string, id: string): Promise<RecordingLog | undefined> {
    const manifest = opened.has(id) ? undefined : await readManifest(folderOf(id));
    if (removing.has(id)) return undefined;
    const loading = opened.get(id) ?? (manifest && openOnce(manifest.owner, id, true));
    const recording = await loading?.catch((error: unknown) => {
      if (error instanceof SpeakrError && error.code === 'not_found') return undefined;
      throw error;
    });
    return recording?.manifest.owner === owner ? recording : undefined;
  }

  async function needed(owner: string, id: string): Promise<RecordingLog> {
    const recording = await existing(owner, id);
    if (recording === undefined) throw absent();
    return recording;
  }

  async function syncAll(id: string, recording: RecordingLog): Promise<void> {
    clearTimeout(recording.syncTimer);
    recording.syncTimer = undefined;
    for (const [track, state] of recording.tracks) {
      const durable = await state.journal.sync();
      if (durable <= state.durable) continue;
      state.durable = durable;
      for (const listener of listeners.get(id) ?? []) listener(track, durable);
    }
  }

  function syncSoon(id: string, recording: RecordingLog): void {
    recording.syncTimer ??= setTimeout(() => {
      syncAll(id, recording).catch((error: unknown) => {
        recording.failure = error;
        log.error({ recordingId: id, error }, 'audio could not be made durable');
      });
    }, SYNC_MS);
  }

  async function appendTo(recording: RecordingLog, state: TrackLog, chunk: LogChunk): Promise<void> {
    const missing = state.journal.samples - chunk.offset;
    if (missing < 0)
      throw new SpeakrError(
        'stream_out_of_order',
        `Track ${chunk.track} goes on at ${state.journal.samples}.`,
      );
    if (missing >= samplesOf(chunk)) return;
    if (recording.failure !== undefined) {
      const { failure } = recording;
      recording.failure = undefined;
      throw failure;
    }
    if ('pcm' in chunk) await state.journal.append(chunk.pcm.subarray(missing * 2));
    else await state.journal.appendGap(chunk.gapSamples - missing, chunk.reason);
  }

  async function durableOf(id: string, { key, tracks }: RecordingLog, track: number) {
    const path = journalPath(id, track);
    const samples =
      tracks.get(track)?.durable ?? (await journalSamples({ path, key, recordingId: id, track }));
    return [track, samples] as const;
  }

  const closeJournals = async (recording: RecordingLog) => {
    clearTimeout(recording.syncTimer);
    await Promise.all([...recording.tracks.values()].map(({ journal }) => journal.close()));
  };

  async function* list(): ReturnType<AudioLog['list']> {
    for (const recordingId of await readdir(directory).catch(() => [])) {
      const manifest = await readManifest(join(directory, recordingId));
      if (manifest !== undefined) yield { recordingId, owner: manifest.owner };
    }
  }

  function remove(owner: string, id: string): Promise<void> {
    const removal = (removing.get(id) ?? Promise.resolve())
      .catch(() => {})
      .then(() => removeNow(owner, id))
      .finally(() => {
        if (removing.get(id) === removal) removing.delete(id);
      });
    removing.set(id, removal);
    return removal;
  }

  async function removeNow(owner: string, id: string): Promise<void> {
    const folder = folderOf(id);
    const recording = await opened.get(id)?.catch(() => undefined);
    const manifest = recording?.manifest ?? (await readManifest(folder));
    if (manifest !== undefined && manifest.owner !== owner) return;
    opened.delete(id);
    if (recording !== undefined) {
      recording.removed = true;
      await closeJournals(recording);
      wake(recording);
    }
    // Windows refuses while a reader has a file open.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  return {
    async open(owner, id, tracks) {
      await removing.get(id)?.catch(() => {});
      const recording = await openOnce(owner, id);
      if (recording.manifest.owner !== owner) throw new SpeakrError('not_found');
      await openForAppending(id, recording, tracks);
      const { sealed } = recording.manifest;
      if (sealed !== undefined) return new Map(sealed);
      return new Map([...recording.tracks].map(([track, { durable }]) => [track, durable]));
    },

    async append(owner, id, chunk) {
      const recording = await needed(owner, id);
      const { sealed } = recording.manifest;
      if (sealed !== undefined) {
        if (chunk.offset + samplesOf(chunk) <= (sealed.get(chunk.track) ?? 0)) return;
        throw new SpeakrError('stream_out_of_order', 'The recording is complete.');
      }
      if (recording.tracks.size === 0) await openForAppending(id, recording);
      const state = recording.tracks.get(chunk.track);
      if (state === undefined)
        throw new SpeakrError('stream_malformed', `Track ${chunk.track} was not announced.`);
      const appended = state.queue.then(() => appendTo(recording, state, chunk));
      state.queue = appended.catch(() => {});
      await appended;
      syncSoon(id, recording);
      wake(recording);
    },

    onDurable(_, id, listener) {
      const mine = listeners.get(id) ?? new Set();
      listeners.set(id, mine.add(listener));
      return () => {
        mine.delete(listener);
        if (mine.size === 0 && listeners.get(id) === mine) listeners.delete(id);
      };
    },

    async seal(owner, id) {
      const recording = await needed(owner, id);
      if (recording.manifest.sealed !== undefined) return;
      await openForAppending(id, recording);
      await Promise.all([...recording.tracks.values()].map(({ queue }) => queue));
      await syncAll(id, recording);
      const sealed = new Map([...recording.tracks].map(([track, { journal }]) => [track, journal.samples]));
      await writeManifest(folderOf(id), { ...recording.manifest, sealed });
      recording.manifest = { ...recording.manifest, sealed };
      await closeJournals(recording);
      recording.tracks.clear();
      wake(recording);
    },

    async *follow(owner, id, track, fromSample, signal) {
      const recording = await needed(owner, id);
      if (!recording.manifest.tracks.includes(track)) throw absent();
      const reader = await openJournalReader({
        path: journalPath(id, track),
        key: recording.key,
        recordingId: id,
        track,
        fromSample,
        onDamage: (offset, samples, atEnd) => {
          // What is just being written is read again in a moment.
          if (atEnd && recording.manifest.sealed === undefined) return;
          log.error({ recordingId: id, track, offset, samples }, 'stored audio is damaged');
        },
      }).catch((error: unknown) => {
        // Between looking and opening, by this process or another.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        throw new SpeakrError('not_found', 'The audio was removed.', { cause: error });
      });
      try {
        for (;;) {
          signal.throwIfAborted();
          // Both asked before reading: what is appended or sealed meanwhile is seen in the next round.
          const complete = recording.manifest.sealed !== undefined;
          const { version } = recording;
          const chunk = await reader.next();
          if (chunk !== undefined) yield chunk;
          else if (complete) return;
          else if (recording.version === version) await somethingNew(recording, signal);
          // Of a sealed log the open file has everything: whoever reads it may finish.
          if (recording.removed && !complete) throw new SpeakrError('not_found', 'The audio was removed.');
        }
      } finally {
        await reader.close();
      }
    },

    async status(owner, id) {
      const recording = await existing(owner, id);
      if (recording === undefined) return undefined;
      const { sealed, tracks } = recording.manifest;
      const samples = sealed ?? (await Promise.all(tracks.map((track) => durableOf(id, recording, track))));
      return { sealed: sealed !== undefined, samples: new Map(samples) };
    },

    remove,

    async removeAll(owner) {
      for await (const log of list()) if (log.owner === owner) await remove(owner, log.recordingId);
    },

    list,

    async close() {
      const recordings = await Promise.allSettled(opened.values());
      opened.clear();
      for (const recording of recordings)
        if (recording.status === 'fulfilled') await closeJournals(recording.value);
    },
  };
}

function somethingNew(recording: RecordingLog, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      recording.waiting.delete(done);
      resolve();
    };
    recording.waiting.add(done);
    signal.addEventListener('abort', done);
    // It may have been aborted since it was looked at.
    if (signal.aborted) done();
  });
}
