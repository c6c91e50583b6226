import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Journals } from '../embedded.ts';
import {
  journalPath,
  openSpoolMeta,
  type SpoolMeta,
  type SpoolMoment,
  spoolDirectory,
  writeSpoolMeta,
} from './spool-meta.ts';
import { openSpoolTrack, type SpoolTrack } from './spool-track.ts';

/** Wraps the data keys of spools; see the server's port of the same name. */
export interface SpoolKeys {
  wrap(dataKey: Uint8Array, recordingId: string): Promise<Uint8Array>;
  unwrap(wrapped: Uint8Array, recordingId: string): Promise<Uint8Array>;
}

export interface SpoolEnvironment {
  readonly spoolDir: string;
  keys(): Promise<SpoolKeys>;
  journals(): Promise<Journals>;
}

/** The audio of one recording on this machine, until the server has all of it. */
export interface Spool {
  readonly tracks: readonly SpoolTrack[];
  meta(): SpoolMeta;
  /** Changes `meta.json`. A disk that is full is reported through `onDisk` and tried again with the next change. */
  update(
    patch: Partial<Pick<SpoolMeta, 'state' | 'discardedAt' | 'startedAt' | 'here' | 'secret'>>,
  ): Promise<void>;
  addMoment(moment: SpoolMoment): Promise<void>;
  /** Closes the files and keeps them. */
  close(): Promise<void>;
  /** Closes the files and removes them: the server has everything. */
  remove(): Promise<void>;
}

interface NewSpool extends SpoolEnvironment {
  readonly meta: Omit<SpoolMeta, 'version' | 'wrappedKey' | 'state'>;
  onDisk?(trouble: unknown): void;
  readonly memoryBoundBytes?: number;
  readonly retryMs?: number;
}

/**
 * Begins a spool. Returns at once: keys, directory and files come in the background while audio is taken already.
 */
export function createSpool(options: NewSpool): Spool {
  const { spoolDir, keys, journals, onDisk } = options;
  const dataKey = new Uint8Array(randomBytes(32));
  const { recordingId } = options.meta;
  let meta: SpoolMeta = { ...options.meta, version: 1, state: 'recording', wrappedKey: '' };
  let written = Promise.resolve();

  const write = () => {
    written = written
      .then(async () => {
        if (meta.wrappedKey === '') {
          const wrapped = await (await keys()).wrap(dataKey, recordingId);
          meta = { ...meta, wrappedKey: Buffer.from(wrapped).toString('base64') };
        }
        await writeSpoolMeta(spoolDir, meta, dataKey);
      })
      .catch((error) => onDisk?.(error));
    return written;
  };
  void write();

  const tracks = options.meta.tracks.map(({ track }) => {
    const identity = { path: journalPath(spoolDir, recordingId, track), key: dataKey, recordingId, track };
    return openSpoolTrack({
      track,
      openJournal: async () => {
        const [{ openJournal }] = await Promise.all([journals(), written]);
        // Audio without its key is worthless: the description comes first.
        if (meta.wrappedKey === '') await write();
        return openJournal(identity);
      },
      openReader: async (fromSample) => (await journals()).openJournalReader({ ...identity, fromSample }),
      ...(onDisk === undefined ? {} : { onDisk }),
      ...(options.memoryBoundBytes === undefined ? {} : { memoryBoundBytes: options.memoryBoundBytes }),
      ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
    });
  });

  const close = async () => {
    await Promise.all([written, ...tracks.map((track) => track.close())]);
  };
  return {
    tracks,
    meta: () => meta,
    update(patch) {
      meta = { ...meta, ...patch };
      return write();
    },
    addMoment(moment) {
      meta = { ...meta, secret: { ...meta.secret, moments: [...meta.secret.moments, moment] } };
      return write();
    },
    close,
    async remove() {
      await close();
      await rm(spoolDirectory(spoolDir, recordingId), { recursive: true, force: true });
    },
  };
}

/** Reads what an earlier process left. Damaged stretches become gaps. @throws SpeakrError `not_found`, `key_missing` */
export async function reopenSpool(
  { spoolDir, keys, journals }: SpoolEnvironment,
  recordingId: string,
): Promise<Spool> {
  const { unwrap } = await keys();
  const { openJournal, openJournalReader } = await journals();
  const opened = await openSpoolMeta(spoolDir, recordingId, unwrap);
  let { meta } = opened;
  const { dataKey } = opened;
  const tracks = await Promise.all(
    meta.tracks.map(async ({ track }) => {
      const identity = { path: journalPath(spoolDir, recordingId, track), key: dataKey, recordingId, track };
      return finishedTrack(await openJournal(identity), (fromSample) =>
        openJournalReader({ ...identity, fromSample, onDamage: () => undefined }),
      );
    }),
  );
  const close = async () => {
    await Promise.all(tracks.map((track) => track.close()));
  };
  return {
    tracks,
    meta: () => meta,
    async update(patch) {
      meta = { ...meta, ...patch };
      await writeSpoolMeta(spoolDir, meta, dataKey);
    },
    async addMoment(moment) {
      meta = { ...meta, secret: { ...meta.secret, moments: [...meta.secret.moments, moment] } };
      await writeSpoolMeta(spoolDir, meta, dataKey);
    },
    close,
    async remove() {
      await close();
      await rm(spoolDirectory(spoolDir, recordingId), { recursive: true, force: true });
    },
  };
}

type OpenJournal = Awaited<ReturnType<Journals['openJournal']>>;

/** A track that will not grow any more. */
function finishedTrack(
  journal: OpenJournal,
  openReader: (fromSample: number) => ReturnType<Journals['openJournalReader']>,
): SpoolTrack {
  const { samples } = journal;
  const over = () => {
    throw new Error('the track has ended');
  };
  return {
    samples,
    gapSamples: 0,
    spooledSamples: samples,
    append: over,
    appendGap: over,
    room: () => Promise.resolve(),
    async *read(fromSample, signal) {
      const reader = await openReader(fromSample);
      try {
        for (;;) {
          const chunk = await reader.next();
          if (chunk === undefined || signal.aborted) return;
          yield chunk;
        }
      } finally {
        await reader.close();
      }
    },
    end: () => undefined,
    close: () => journal.close(),
  };
}
