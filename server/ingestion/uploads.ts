import { createHash, randomBytes } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import {
  MOST_PART_BYTES,
  PART_BYTES,
  type Upload,
  type UploadPart,
  type UploadStart,
} from '@speakr/contracts/uploads';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import type { OwnerStore, Store, StoredUpload } from '../store/store.ts';
import { sealBytes } from './sealed-object.ts';

export interface UploadLimits {
  readonly maxBytes: number;
  readonly maxDurationMs: number;
}

export interface UploadsOptions {
  readonly store: Pick<Store, 'read' | 'transaction'>;
  readonly storage: ObjectStorage;
  readonly clock: Clock;
  /** Largest file in bytes, and longest audio in ms, of a user. */
  limitsOf(owner: string): Promise<UploadLimits>;
  /** Where the objects of an upload are: `uploads/…/`. */
  uploadFolder(owner: string, uploadId: string): string;
  /** The model for a transcript. @throws SpeakrError when there is none */
  resolveModel(model: string | undefined, language: string): Promise<string>;
  /** See the gateway's services. @throws SpeakrError `being_removed` */
  demandRemoved(owner: string, recordingId: string): Promise<void>;
}

/** Bytes that arrive. */
export interface Incoming {
  readonly body: AsyncIterable<Uint8Array>;
  /** What they must be: SHA-256, hex. */
  readonly sha256?: string | undefined;
  readonly signal: AbortSignal;
}

const HOUR_MS = 3_600_000;
/** An upload that nobody goes on with is thrown away after this, ms. */
const OPEN_MS = 24 * HOUR_MS;
/** One that is whole waits so long for a server that reads it, ms. */
const COMPLETE_MS = 7 * 24 * HOUR_MS;
/** Uploads that are open at once, of one user. */
const MOST_OPEN = 50;
const DEFAULT_LANGUAGE = 'en';

/** Bound to what is sealed: no part stands in for another. */
export const partContext = (uploadId: string, part: number) => `upload/${uploadId}/${part}`;

/** Files on their way to a recording: parts are sealed as they come and kept in the object storage. */
export function createUploads(options: UploadsOptions) {
  const { store, storage, clock, limitsOf, uploadFolder, resolveModel, demandRemoved } = options;

  const describe = async (own: OwnerStore, upload: StoredUpload): Promise<Upload> => {
    const { maxBytes, maxDurationMs } = await limitsOf(own.owner);
    const filter = { limit: 1, kinds: ['ingestion'] as const, recordingId: upload.recordingId };
    const [job] = upload.state === 'open' ? [] : (await own.listJobs(filter)).jobs;
    return {
      id: upload.id,
      recordingId: upload.recordingId,
      state: upload.state,
      parts: upload.parts.map(({ part, bytes }) => ({ part, bytes })),
      bytes: sizeOf(upload),
      partBytes: PART_BYTES,
      maxBytes,
      maxDurationMs,
      expiresAt: upload.expiresAt,
      ...(job === undefined ? {} : { jobId: job.id }),
    };
  };
  const demand = async (own: OwnerStore, id: string): Promise<StoredUpload> => {
    const upload = await own.getUpload(id);
    if (upload === undefined || (upload.state === 'open' && upload.expiresAt < clock.now()))
      throw new SpeakrError('not_found', `There is no upload ${id}.`);
    return upload;
  };
  const demandOpen = async (own: OwnerStore, id: string): Promise<StoredUpload> => {
    const upload = await demand(own, id);
    if (upload.state !== 'open') throw new SpeakrError('upload_closed');
    return upload;
  };

  async function begin(owner: string, start: UploadStart): Promise<Upload> {
    const { id, recordingId, language = DEFAULT_LANGUAGE, ...about } = start;
    const model = await resolveModel(start.model, language);
    return store.transaction(owner, async (own) => {
      const known = await own.getUpload(id);
      if (known !== undefined) {
        if (known.recordingId !== recordingId)
          throw new SpeakrError('conflict', 'It belongs to another recording.');
        return describe(own, known);
      }
      if ((await own.getRecording(recordingId)) !== undefined)
        throw new SpeakrError('conflict', 'There is a recording of this id.', {
          hint: 'Use an id of your own making.',
        });
      if ((await own.countOpenUploads()) >= MOST_OPEN)
        throw new SpeakrError('too_many_requests', `${MOST_OPEN} uploads are open.`, {
          hint: 'Complete or abort some.',
        });
      const startedAt = about.startedAt ?? clock.now();
      const expiresAt = clock.now() + OPEN_MS;
      const upload = { id, recordingId, about: { ...about, startedAt, language, model }, expiresAt };
      return describe(own, await own.createUpload(upload));
    });
  }

  /** Seals and stores what arrives, counts it and compares its checksum: what does not fit is not kept. */
  async function keep(
    owner: string,
    upload: StoredUpload,
    part: number,
    { body, sha256, signal }: Incoming,
    mostBytes: number,
  ): Promise<UploadPart & { object: string; sha256: string }> {
    const object = `${uploadFolder(owner, upload.id)}${String(part).padStart(5, '0')}-${randomBytes(8).toString('hex')}`;
    const hash = createHash('sha256');
    let bytes = 0;
    let digest = '';
    async function* checked() {
      for await (const chunk of body) {
        bytes += chunk.length;
        if (bytes > mostBytes) throw tooLarge(mostBytes);
        hash.update(chunk);
        yield chunk;
      }
      digest = hash.digest('hex');
      if (sha256 !== undefined && digest !== sha256) throw new SpeakrError('checksum_mismatch');
    }
    const sealed = sealBytes({ key: upload.key, context: partContext(upload.id, part) }, checked());
    await storage.create(object, sealed, signal);
    return { part, bytes, object, sha256: digest };
  }

  async function putPart(owner: string, id: string, part: number, incoming: Incoming): Promise<UploadPart> {
    const upload = await store.read(owner, (own) => demandOpen(own, id));
    // The part itself may come a second time.
    const others = upload.parts
      .filter((each) => each.part !== part)
      .reduce((sum, { bytes }) => sum + bytes, 0);
    const { maxBytes } = await limitsOf(owner);
    const kept = await keep(owner, upload, part, incoming, Math.min(MOST_PART_BYTES, maxBytes - others));
    try {
      const added = await store.transaction(owner, async (own) => {
        const { parts } = await demandOpen(own, id);
        const before = parts.filter((each) => each.part !== part).reduce((sum, { bytes }) => sum + bytes, 0);
        if (before + kept.bytes > maxBytes) throw tooLarge(maxBytes);
        await own.updateUpload(id, { expiresAt: clock.now() + OPEN_MS });
        return own.addUploadPart(id, kept);
      });
      if (!added.kept) await storage.remove(kept.object);
    } catch (error) {
      await storage.remove(kept.object).catch(() => {});
      throw error;
    }
    return { part, bytes: kept.bytes };
  }

  async function complete(owner: string, id: string, parts: number): Promise<Upload> {
    const { recordingId, isNew } = await store.read(owner, async (own) => {
      const upload = await demand(own, id);
      const isNew = (await own.getRecording(upload.recordingId)) === undefined;
      return { recordingId: upload.recordingId, isNew };
    });
    if (isNew) await demandRemoved(owner, recordingId);
    return store.transaction(owner, async (own) => {
      const upload = await demand(own, id);
      if (upload.state !== 'open') return describe(own, upload);
      demandWhole(upload, parts);
      const { recordingId, about } = upload;
      const { name, ...recording } = about;
      if ((await own.getRecording(recordingId)) !== undefined)
        throw new SpeakrError('conflict', 'There is a recording of this id.');
      await own.createRecording({
        ...recording,
        id: recordingId,
        source: name,
        mode: 'batch',
        tags: recording.tags ?? [],
        template: recording.template ?? 'meeting',
        tracks: [{ track: 0, label: 'me', kind: 'file', samples: 0 }],
      });
      await own.updateRecording(recordingId, { state: 'processing' });
      await own.publish('ingestion.run.v1', { recordingId, uploadId: id });
      await own.updateUpload(id, { state: 'complete', expiresAt: clock.now() + COMPLETE_MS });
      return describe(own, await demand(own, id));
    });
  }

  return {
    begin,
    putPart,
    complete,

    get: (owner: string, id: string): Promise<Upload> =>
      store.read(owner, async (own) => describe(own, await demand(own, id))),

    /** Throws away what has come. @throws SpeakrError `not_found`, `upload_closed` */
    async abort(owner: string, id: string): Promise<void> {
      await store.transaction(owner, async (own) => {
        await demandOpen(own, id);
        await own.updateUpload(id, { state: 'failed', expiresAt: 0 });
      });
      await discard(owner, id);
    },

    /** A whole file in one go. What breaks off leaves nothing behind. */
    async send(owner: string, start: UploadStart, incoming: Incoming): Promise<Upload> {
      const begun = await begin(owner, start);
      if (begun.state !== 'open') return begun;
      const upload = await store.read(owner, (own) => demandOpen(own, begun.id));
      try {
        const { maxBytes } = await limitsOf(owner);
        const kept = await keep(owner, upload, 1, incoming, maxBytes);
        if (kept.bytes === 0) throw new SpeakrError('file_empty');
        const added = await store.transaction(owner, (own) => own.addUploadPart(begun.id, kept));
        if (!added.kept) await storage.remove(kept.object);
        return await complete(owner, begun.id, 1);
      } catch (error) {
        await store
          .transaction(owner, (own) => own.updateUpload(begun.id, { state: 'failed', expiresAt: 0 }))
          .catch(() => {});
        await discard(owner, begun.id).catch(() => {});
        throw error;
      }
    },

    /** Throws away uploads that nobody went on with. @returns how many */
    async sweep(owner: string): Promise<number> {
      const expired = await store.transaction(owner, async (own) => {
        const ids = await own.expiredUploads(clock.now());
        // From here on nobody completes it.
        for (const id of ids) await own.updateUpload(id, { state: 'failed' });
        return ids;
      });
      for (const id of expired) await discard(owner, id);
      return expired.length;
    },
  };

  /** The row goes last: as long as it is there, somebody knows of the objects. */
  async function discard(owner: string, id: string): Promise<void> {
    await storage.removeAll(uploadFolder(owner, id));
    await store.transaction(owner, (own) => own.removeUpload(id));
  }
}

export type Uploads = ReturnType<typeof createUploads>;

/** An id for a file whose sender made none. */
export const newUploadId = (): string => uuidv7();

const sizeOf = ({ parts }: Pick<StoredUpload, 'parts'>) => parts.reduce((sum, { bytes }) => sum + bytes, 0);

const tooLarge = (bytes: number) =>
  new SpeakrError('payload_too_large', `More than ${bytes} bytes are not taken.`, {
    hint: 'Send smaller parts, or a smaller file.',
  });

function demandWhole(upload: StoredUpload, parts: number): void {
  const there = new Set(upload.parts.map(({ part }) => part));
  const missing: number[] = [];
  for (let part = 1; part <= parts && missing.length < 5; part += 1) if (!there.has(part)) missing.push(part);
  if (missing.length > 0) throw new SpeakrError('upload_incomplete', `Missing: part ${missing.join(', ')}.`);
  if (upload.parts.length > parts)
    throw new SpeakrError('upload_incomplete', `There are ${upload.parts.length} parts, not ${parts}.`);
  if (sizeOf(upload) === 0) throw new SpeakrError('file_empty');
}
