import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  type ScryptOptions,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SpeakrError } from '@speakr/contracts/problem';

/**
 * A file encrypted with a passphrase, written and read as a stream: header, then frames of AES-256-GCM. The nonce of a
 * frame is prefix, number and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and
 * Vizár, 2015), so that frames can be neither moved nor left out, and a cut file is noticed.
 */
const MAGIC = Buffer.from('SPEAKRB1');
const SALT_BYTES = 16;
const PREFIX_BYTES = 7;
const CHECK_BYTES = 16;
/** Magic, salt, log2 of scrypt's N, r, p, nonce prefix, key check. */
const HEADER_BYTES = MAGIC.length + SALT_BYTES + 3 + PREFIX_BYTES + CHECK_BYTES;
/** Cost of OWASP's password storage cheat sheet: 128 MB and about half a second. */
const LOG_N = 17;
const R = 8;
const P = 1;
/** A header that asks for more than 1 GB is not one of ours. */
const MAX_LOG_N = 20;
const TAG_BYTES = 16;
const FRAME_BYTES = 256 * 1024;
/** u8 whether it is the last, u32 length. */
const FRAME_HEADER_BYTES = 5;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

const invalid = (detail: string) => new SpeakrError('backup_invalid', detail);

function keyFrom(passphrase: string, salt: Buffer, logN: number, r: number, p: number): Promise<Buffer> {
  const N = 2 ** logN;
  return derive(passphrase.normalize('NFKC'), salt, 32, { N, r, p, maxmem: 256 * N * r });
}

const keyCheck = (key: Buffer) =>
  createHmac('sha256', key).update('speakr/backup').digest().subarray(0, CHECK_BYTES);

function nonceOf(prefix: Buffer, frame: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(PREFIX_BYTES + 5);
  prefix.copy(nonce);
  nonce.writeUInt32BE(frame, PREFIX_BYTES);
  nonce[PREFIX_BYTES + 4] = isLast ? 1 : 0;
  return nonce;
}

export interface SealedWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** Writes what is left; the file is complete only after this. */
  end(): Promise<void>;
}

/** Begins a sealed stream at the start of a file. */
export async function sealedWriter(file: FileHandle, passphrase: string): Promise<SealedWriter> {
  const salt = randomBytes(SALT_BYTES);
  const prefix = randomBytes(PREFIX_BYTES);
  const key = await keyFrom(passphrase, salt, LOG_N, R, P);
  const header = Buffer.concat([MAGIC, salt, Buffer.of(LOG_N, R, P), prefix, keyCheck(key)]);
  await file.appendFile(header);

  let pending = Buffer.alloc(0);
  let frame = 0;
  const writeFrame = async (content: Buffer, isLast: boolean) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(prefix, frame, isLast));
    cipher.setAAD(header);
    const body = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    const frameHeader = Buffer.alloc(FRAME_HEADER_BYTES);
    frameHeader[0] = isLast ? 1 : 0;
    frameHeader.writeUInt32BE(body.length, 1);
    await file.appendFile(Buffer.concat([frameHeader, body]));
    frame++;
  };
  return {
    async write(bytes) {
      pending = Buffer.concat([pending, bytes]);
      while (pending.length > FRAME_BYTES) {
        const content = pending.subarray(0, FRAME_BYTES);
        pending = Buffer.from(pending.subarray(FRAME_BYTES));
        await writeFrame(content, false);
      }
    },
    end: () => writeFrame(pending, true),
  };
}

/** Reads as many bytes as asked, fewer at the end of the file only. */
async function readFully(file: FileHandle, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, bytes - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/**
 * Reads a sealed stream from the start of a file, frame by frame, each verified.
 * @throws SpeakrError `passphrase_wrong`, `backup_invalid` (not one, damaged, or cut off)
 */
export async function* sealedFrames(file: FileHandle, passphrase: string): AsyncGenerator<Buffer> {
  const header = await readFully(file, HEADER_BYTES);
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw invalid('The file is not a backup of speakr.');
  }
  const parametersAt = MAGIC.length + SALT_BYTES;
  const [logN = 0, r = 0, p = 0] = header.subarray(parametersAt);
  if (logN < 1 || logN > MAX_LOG_N || r !== R || p !== P)
    throw invalid('The header of the backup is damaged.');
  const prefixAt = parametersAt + 3;
  const prefix = header.subarray(prefixAt, prefixAt + PREFIX_BYTES);
  const key = await keyFrom(passphrase, header.subarray(MAGIC.length, parametersAt), logN, r, p);
  if (!timingSafeEqual(keyCheck(key), header.subarray(prefixAt + PREFIX_BYTES))) {
    throw new SpeakrError('passphrase_wrong');
  }

  for (let frame = 0; ; frame++) {
    const frameHeader = await readFully(file, FRAME_HEADER_BYTES);
    if (frameHeader.length < FRAME_HEADER_BYTES) throw invalid('The backup ends in the middle.');
    const isLast = frameHeader[0] === 1;
    const length = frameHeader.readUInt32BE(1);
    if (length < TAG_BYTES || length > FRAME_BYTES + TAG_BYTES) throw invalid('The backup is damaged.');
    const body = await readFully(file, length);
    if (body.length < length) throw invalid('The backup ends in the middle.');
    const cipher = createDecipheriv('aes-256-gcm', key, nonceOf(prefix, frame, isLast));
    cipher.setAAD(header);
    cipher.setAuthTag(body.subarray(-TAG_BYTES));
    const content = cipher.update(body.subarray(0, -TAG_BYTES));
    try {
      cipher.final();
    } catch {
      throw invalid('The backup is damaged.');
    }
    yield content;
    if (isLast) return;
  }
}
