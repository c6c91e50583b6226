import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';

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

/** Writes an archive from front to end; it is one only after `finish`. */
export async function createArchiveFile(path: string, identity: ArchiveIdentity) {
  const file = await open(path, 'w', 0o600);
  const groups: [number, number, number][] = [];
  let position = 0;

  async function write(bytes: Buffer): Promise<void> {
    await file.appendFile(bytes);
    position += bytes.length;
  }

  return {
    async addGroup(sample: number, frames: Buffer): Promise<void> {
      const sealed = seal(identity, String(groups.length), frames);
      groups.push([sample, position, sealed.length]);
      await write(sealed);
    },
    async finish(index: Omit<ArchiveIndex, 'groups'>): Promise<void> {
      const sealed = seal(identity, 'index', Buffer.from(JSON.stringify({ ...index, groups })));
      const trailer = Buffer.alloc(TRAILER_BYTES);
      trailer.writeUInt32BE(sealed.length, 0);
      MAGIC.copy(trailer, 4);
      await write(Buffer.concat([sealed, trailer]));
      await file.sync();
    },
    close: () => file.close(),
  };
}

async function readExactly(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}

/** Opens an archive. @throws SpeakrError `audio_damaged` */
export async function openArchiveFile(path: string, identity: ArchiveIdentity) {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const trailer = await readExactly(file, Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES);
    if (trailer.length < TRAILER_BYTES || !trailer.subarray(4).equals(MAGIC)) throw damaged(identity);
    const bytes = trailer.readUInt32BE(0);
    if (bytes > size) throw damaged(identity);
    const sealed = await readExactly(file, size - TRAILER_BYTES - bytes, bytes);
    const index = Index.parse(JSON.parse(unseal(identity, 'index', sealed).toString('utf8')));

    return {
      index,
      /** FLAC from the group that holds a sample on, with the head in front, and the first sample of that group. */
      from(sample: number): { startsAt: number; flac: AsyncGenerator<Buffer> } {
        const later = index.groups.findIndex(([first]) => first > sample);
        const start = Math.max(0, (later === -1 ? index.groups.length : later) - 1);
        async function* flac() {
          yield Buffer.from(index.head, 'base64');
          for (const [offset, group] of index.groups.slice(start).entries())
            yield unseal(identity, String(start + offset), await readExactly(file, group[1], group[2]));
        }
        return { startsAt: index.groups[start]?.[0] ?? 0, flac: flac() };
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
