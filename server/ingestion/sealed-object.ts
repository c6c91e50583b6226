import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';

/**
 * Bytes as they lie in the object storage: a prefix, then frames of AES-256-GCM. The nonce of a frame is prefix, number
 * and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), so that frames
 * can be neither moved nor left out, and an object that was cut is noticed.
 */
const PREFIX_BYTES = 7;
const TAG_BYTES = 16;
const FRAME_BYTES = 256 * 1024;
const SEALED_FRAME_BYTES = FRAME_BYTES + TAG_BYTES;

/** Whose bytes they are: bound to every frame, so that no object stands in for another. */
export interface SealedIdentity {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly context: string;
}

function nonceOf(prefix: Buffer, frame: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(PREFIX_BYTES + 5);
  prefix.copy(nonce);
  nonce.writeUInt32BE(frame, PREFIX_BYTES);
  nonce[PREFIX_BYTES + 4] = isLast ? 1 : 0;
  return nonce;
}

/** Seals a stream as it comes; memory does not grow with it. What the content throws is passed on. */
export async function* sealBytes(
  { key, context }: SealedIdentity,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const secret = createSecretKey(key);
  const prefix = randomBytes(PREFIX_BYTES);
  const aad = Buffer.from(context);
  let frame = 0;
  yield prefix;
  for await (const { bytes, isLast } of inFrames(content, FRAME_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', secret, nonceOf(prefix, frame++, isLast));
    cipher.setAAD(aad);
    yield cipher.update(bytes);
    cipher.final();
    yield cipher.getAuthTag();
  }
}

/**
 * Opens what `sealBytes` made.
 * @throws SpeakrError `audio_damaged` when it was changed, cut, or is another's
 */
export async function* openBytes(
  { key, context }: SealedIdentity,
  sealed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  const secret = createSecretKey(key);
  const aad = Buffer.from(context);
  const damaged = (cause?: unknown) => new SpeakrError('audio_damaged', 'The upload is damaged.', { cause });
  let prefix: Buffer | undefined;
  async function* afterPrefix() {
    let head = Buffer.alloc(0);
    for await (const bytes of sealed) {
      if (prefix !== undefined) {
        yield bytes;
        continue;
      }
      head = Buffer.concat([head, bytes]);
      if (head.length < PREFIX_BYTES) continue;
      prefix = head.subarray(0, PREFIX_BYTES);
      yield head.subarray(PREFIX_BYTES);
    }
    if (prefix === undefined) throw damaged();
  }
  let frame = 0;
  for await (const { bytes, isLast } of inFrames(afterPrefix(), SEALED_FRAME_BYTES)) {
    if (prefix === undefined || bytes.length < TAG_BYTES) throw damaged();
    yield openFrame(secret, aad, nonceOf(prefix, frame++, isLast), bytes, damaged);
  }
}

function openFrame(
  secret: KeyObject,
  aad: Buffer,
  nonce: Buffer,
  bytes: Uint8Array,
  damaged: (cause: unknown) => SpeakrError,
): Buffer {
  const end = bytes.length - TAG_BYTES;
  const cipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  cipher.setAuthTag(bytes.subarray(end));
  const content = cipher.update(bytes.subarray(0, end));
  try {
    cipher.final();
  } catch (cause) {
    throw damaged(cause);
  }
  return content;
}

/**
 * Cuts a stream into frames of one size; the last one is what is left, at least one and maybe empty. A frame is there
 * until the next is asked for: all come in the same memory.
 */
async function* inFrames(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ bytes: Uint8Array; isLast: boolean }> {
  const frame = Buffer.allocUnsafeSlow(size);
  let length = 0;
  for await (const bytes of content) {
    for (let at = 0; at < bytes.length; ) {
      // A full frame is held back: it may be the last.
      if (length === size) {
        yield { bytes: frame, isLast: false };
        length = 0;
      }
      const taken = bytes.subarray(at, at + size - length);
      frame.set(taken, length);
      length += taken.length;
      at += taken.length;
    }
  }
  yield { bytes: frame.subarray(0, length), isLast: true };
}
