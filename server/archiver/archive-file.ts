import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';
import type { ObjectStorage } from '../storage/storage.ts';

// The file is encrypted groups of FLAC frames, about ten seconds each, then the encrypted index, its length (u32) and
// the magic. Every group is bound to recording, track and place.

const MAGIC = Buffer.from('SPKRFLC\u0001', 'latin1');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TRAILER_BYTES = 4 + MAGIC.length;

const Index = z.object({
  /** FLAC marker and STREAMINFO, base64. */
  head: z.string(),
  samples: z.int(),
  /** SHA-256 of the PCM16LE, hex. */
  sha256: z.string(),
  /** First sample, file position and bytes of each group. */
  groups: z.array(z.tuple([z.int(), z.int(), z.int()])),
});
export type ArchiveIndex = z.infer<typeof Index>;

export interface ArchiveIdentity {
  /** The recording's data key, 32 bytes. */
  readonly key: Uint8Array;
  readonly recordingId: string;
  readonly track: number;
}

const contextOf = ({ recordingId, track }: ArchiveIdentity, place: string) =>
  Buffer.from(`archive/${recordingId}/${track}/${place}`);

function seal(identity: ArchiveIdentity, place: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', identity.key, nonce);
  cipher.setAAD(contextOf(identity, place));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function unseal(identity: ArchiveIdentity, place: string, sealed: Buffer): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw damaged(identity);
  const decipher = createDecipheriv('aes-256-gcm', identity.key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(contextOf(identity, place));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return plain;
  } catch {
    throw damaged(identity);
  }
}

const damaged = ({ recordingId, track }: ArchiveIdentity) =>
  new SpeakrError('audio_damaged', `The archived audio of ${recordingId}, track ${track}, is damaged.`);

/** FLAC frames that are encrypted as one. */
export interface ArchiveGroup {
  /** Sample of the track that the first frame begins with. */
  readonly sample: number;
  readonly frames: Buffer;
}

/**
 * The bytes of an archive, from front to end.
 * @param summary asked when all groups are there
 */
export async function* archiveBytes(
  identity: ArchiveIdentity,
  content: AsyncIterable<ArchiveGroup>,
  summary: () => Omit<ArchiveIndex, 'groups'>,
): AsyncGenerator<Buffer> {
  const groups: [number, number, number][] = [];
  let position = 0;
  for await (const { sample, frames } of content) {
    const sealed = seal(identity, String(groups.length), frames);
    groups.push([sample, position, sealed.length]);
    position += sealed.length;
    yield sealed;
  }
  const sealed = seal(identity, 'index', Buffer.from(JSON.stringify({ ...summary(), groups })));
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32BE(sealed.length, 0);
  MAGIC.copy(trailer, 4);
  yield Buffer.concat([sealed, trailer]);
}

/** Opens an archive. @throws SpeakrError `audio_damaged`, `not_found` */
export async function openArchive(
  storage: ObjectStorage,
  object: string,
  identity: ArchiveIdentity,
  signal: AbortSignal,
) {
  const size = await storage.size(object, signal);
  if (size === undefined)
    throw new SpeakrError('not_found', `There is no archived audio of ${identity.recordingId}.`);
  const readRange = async (start: number, end: number) => {
    const parts: Buffer[] = [];
    for await (const part of storage.read(object, Math.max(0, start), end, signal)) parts.push(part);
    return Buffer.concat(parts);
  };
  const trailer = await readRange(size - TRAILER_BYTES, size);
  if (trailer.length < TRAILER_BYTES || !trailer.subarray(4).equals(MAGIC)) throw damaged(identity);
  const bytes = trailer.readUInt32BE(0);
  if (bytes > size) throw damaged(identity);
  const sealed = await readRange(size - TRAILER_BYTES - bytes, size - TRAILER_BYTES);
  const index = Index.parse(JSON.parse(unseal(identity, 'index', sealed).toString('utf8')));

  /** Groups from one on, read in one go. */
  async function* groupsFrom(start: number): AsyncGenerator<Buffer> {
    const [first] = index.groups.slice(start);
    const last = index.groups.at(-1);
    if (first === undefined || last === undefined) return;
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    let group = start;
    for await (const part of storage.read(object, first[1], last[1] + last[2], signal)) {
      waiting.push(part);
      waitingBytes += part.length;
      while (group < index.groups.length && waitingBytes >= index.groups[group]![2]) {
        const all = Buffer.concat(waiting);
        const length = index.groups[group]![2];
        yield unseal(identity, String(group), all.subarray(0, length));
        waiting = [all.subarray(length)];
        waitingBytes = all.length - length;
        group += 1;
      }
    }
    if (group < index.groups.length) throw damaged(identity);
  }

  return {
    index,
    /** FLAC from the group that holds a sample on, with the head in front, and the first sample of that group. */
    from(sample: number): { startsAt: number; flac: AsyncGenerator<Buffer> } {
      const later = index.groups.findIndex(([first]) => first > sample);
      const start = Math.max(0, (later === -1 ? index.groups.length : later) - 1);
      async function* flac() {
        yield Buffer.from(index.head, 'base64');
        yield* groupsFrom(start);
      }
      return { startsAt: index.groups[start]?.[0] ?? 0, flac: flac() };
    },
  };
}
