import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { GapReason } from '@speakr/contracts/recording';
import { MAX_CHUNK_SAMPLES } from '@speakr/contracts/stream';

// The file is a header and records. No record crosses a block boundary, so that every block starts with a record:
// seeking is a binary search over blocks, and a damaged length costs at most the rest of its block.
//
//   file header  magic (8) nonce (12) tag (16)                              the tag proves key, recording and track
//   record       length u32, type u8, sample offset u48 | nonce (12) | ciphertext (length) | tag (16)
//   padding      zeros up to the next block

/** Bytes of a block, 1 MiB: some 330 records of 100 ms. */
export const BLOCK_BYTES = 1 << 20;
export const FILE_HEADER_BYTES = 36;
export const RECORD_HEADER_BYTES = 11;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Bytes of a record besides its ciphertext. */
export const RECORD_OVERHEAD_BYTES = RECORD_HEADER_BYTES + NONCE_BYTES + TAG_BYTES;
/** Room below which a block is padded instead of filled; every gap record fits into it. */
export const SMALLEST_ROOM_BYTES = 80;
const MAX_PAYLOAD_BYTES = MAX_CHUNK_SAMPLES * 2;
export const LARGEST_RECORD_BYTES = MAX_PAYLOAD_BYTES + RECORD_OVERHEAD_BYTES;

const MAGIC = Buffer.from('SPKRJRN\u0001', 'latin1');
const AUDIO = 1;
const GAP = 2;

/** What the records of a file are bound to, besides the key. */
export interface JournalIdentity {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly recordingId: string;
  readonly track: number;
}

export type RecordContent =
  | { readonly pcm: Uint8Array }
  | { readonly gapSamples: number; readonly reason: GapReason };

export interface RecordHeader {
  readonly type: number;
  readonly offset: number;
  /** Bytes of the whole record. */
  readonly bytes: number;
}

const contextOf = ({ recordingId, track }: JournalIdentity) => Buffer.from(`${recordingId}/${track}`, 'utf8');

/** A cipher takes a key that is prepared three times as fast as its bytes. */
const prepared = new WeakMap<Uint8Array, KeyObject>();
function preparedKey({ key }: JournalIdentity): KeyObject {
  const known = prepared.get(key) ?? createSecretKey(key);
  prepared.set(key, known);
  return known;
}

const NONCES = 256;
let nonces = Buffer.alloc(0);
/** Random bytes cost as much for one as for many. */
function freshNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(NONCES * NONCE_BYTES);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

function seal(identity: JournalIdentity, header: Uint8Array, payload: Uint8Array): Buffer {
  const nonce = freshNonce();
  const cipher = createCipheriv('aes-256-gcm', preparedKey(identity), nonce);
  cipher.setAAD(Buffer.concat([header, contextOf(identity)]));
  const ciphertext = cipher.update(payload);
  cipher.final();
  return Buffer.concat([header, nonce, ciphertext, cipher.getAuthTag()]);
}

/** @returns the payload, or undefined when a bit differs or key, recording or track are others */
function unseal(identity: JournalIdentity, record: Buffer, headerBytes: number): Buffer | undefined {
  const nonceEnd = headerBytes + NONCE_BYTES;
  const decipher = createDecipheriv(
    'aes-256-gcm',
    preparedKey(identity),
    record.subarray(headerBytes, nonceEnd),
  );
  decipher.setAAD(Buffer.concat([record.subarray(0, headerBytes), contextOf(identity)]));
  decipher.setAuthTag(record.subarray(record.length - TAG_BYTES));
  const payload = decipher.update(record.subarray(nonceEnd, record.length - TAG_BYTES));
  try {
    decipher.final();
    return payload;
  } catch {
    return undefined;
  }
}

export const encodeFileHeader = (identity: JournalIdentity): Buffer =>
  seal(identity, MAGIC, new Uint8Array(0));

export const isFileHeader = (bytes: Buffer): boolean =>
  bytes.length === FILE_HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC);

export const fitsFileHeader = (identity: JournalIdentity, bytes: Buffer): boolean =>
  unseal(identity, bytes, MAGIC.length) !== undefined;

export function encodeRecord(identity: JournalIdentity, offset: number, content: RecordContent): Buffer {
  let payload: Uint8Array;
  if ('pcm' in content) payload = content.pcm;
  else {
    const gap = Buffer.alloc(6);
    gap.writeUIntBE(content.gapSamples, 0, 6);
    payload = Buffer.concat([gap, Buffer.from(content.reason, 'utf8')]);
  }
  const header = Buffer.alloc(RECORD_HEADER_BYTES);
  header.writeUInt32BE(payload.length, 0);
  header.writeUInt8('pcm' in content ? AUDIO : GAP, 4);
  header.writeUIntBE(offset, 5, 6);
  return seal(identity, header, payload);
}

/** @returns undefined for what cannot be the start of a record: padding, a hole, damage */
export function parseRecordHeader(bytes: Buffer, at = 0): RecordHeader | undefined {
  if (at + RECORD_HEADER_BYTES > bytes.length) return undefined;
  const payloadBytes = bytes.readUInt32BE(at);
  const type = bytes.readUInt8(at + 4);
  if (payloadBytes === 0 || payloadBytes > MAX_PAYLOAD_BYTES) return undefined;
  if (type === AUDIO ? payloadBytes % 2 !== 0 : type !== GAP || payloadBytes < 6) return undefined;
  return { type, offset: bytes.readUIntBE(at + 5, 6), bytes: payloadBytes + RECORD_OVERHEAD_BYTES };
}

/** @param record exactly the bytes of one record */
export function decodeRecord(identity: JournalIdentity, record: Buffer): RecordContent | undefined {
  const payload = unseal(identity, record, RECORD_HEADER_BYTES);
  if (payload === undefined) return undefined;
  if (record.readUInt8(4) === AUDIO) return { pcm: payload };
  return {
    gapSamples: payload.readUIntBE(0, 6),
    reason: payload.toString('utf8', 6) as GapReason,
  };
}

export const samplesOf = (content: RecordContent): number =>
  'pcm' in content ? content.pcm.byteLength / 2 : content.gapSamples;

/** Where the first record of a block stands. */
export const blockStart = (block: number): number => (block === 0 ? FILE_HEADER_BYTES : block * BLOCK_BYTES);

/** Where a record may stand at or after `position`: there, or at the start of the next block. */
export function nextRecordPosition(position: number): number {
  const room = BLOCK_BYTES - (position % BLOCK_BYTES);
  return room < SMALLEST_ROOM_BYTES ? position + room : position;
}
