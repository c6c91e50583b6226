import type { MsgHdrs } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import {
  decodeRecord,
  encodeRecord,
  type JournalIdentity,
  parseRecordHeader,
  type RecordContent,
  samplesOf,
} from '../journal/format.ts';
import type { LogChunk } from './audio-log.ts';

// A message holds records of the journal, one after the other: encrypted, and bound to recording, track and offset.

/** Samples of a track with this message. */
const END = 'Speakr-End';
/** Marks the message that says: nothing follows. */
const SEAL = 'Speakr-Seal';

/** Audio that goes into one message, ms: more saves messages, and takes longer to be durable. */
export const GROUP_MS = 500;
const GROUP_SAMPLES = GROUP_MS * 16;

export const chunkSamples = (chunk: LogChunk): number =>
  'pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples;

/** A stretch of one track on its way into the log. */
export interface Group {
  readonly offset: number;
  readonly end: number;
  readonly contents: readonly RecordContent[];
}

/** As much from the front of what waits as fits into one message. */
export function takeGroup(waiting: readonly LogChunk[]): Group {
  const [first] = waiting as [LogChunk];
  if (!('pcm' in first)) {
    const { offset, gapSamples, reason } = first;
    return { offset, end: offset + gapSamples, contents: [{ gapSamples, reason }] };
  }
  const parts: Uint8Array[] = [];
  let samples = 0;
  for (const chunk of waiting) {
    if (!('pcm' in chunk)) break;
    const more = chunk.pcm.byteLength / 2;
    if (samples > 0 && samples + more > GROUP_SAMPLES) break;
    parts.push(chunk.pcm);
    samples += more;
  }
  return { offset: first.offset, end: first.offset + samples, contents: [{ pcm: Buffer.concat(parts) }] };
}

export function encodeGroup(identity: JournalIdentity, group: Group): { data: Buffer; headers: MsgHdrs } {
  let offset = group.offset;
  const records = group.contents.map((content) => {
    const record = encodeRecord(identity, offset, content);
    offset += samplesOf(content);
    return record;
  });
  return { data: Buffer.concat(records), headers: endHeaders(group.end) };
}

/** Headers of the message that seals a track. */
export function sealHeaders(end: number): MsgHdrs {
  const all = endHeaders(end);
  all.set(SEAL, '1');
  return all;
}

function endHeaders(end: number): MsgHdrs {
  const all = headers();
  all.set(END, String(end));
  return all;
}

/** What a stored message says without its key. */
export interface StoredPlace {
  readonly offset: number;
  readonly end: number;
  readonly sealed: boolean;
}

export function placeOf(message: { data: Uint8Array; header?: MsgHdrs; headers?: MsgHdrs }): StoredPlace {
  const all = message.header ?? message.headers;
  const end = Number(all?.get(END) || 0);
  const sealed = all?.get(SEAL) === '1';
  const record = parseRecordHeader(Buffer.from(message.data));
  return { offset: record?.offset ?? end, end, sealed };
}

/** The chunks of a message, in order. @throws Error when a record cannot be opened */
export function decodeGroup(identity: JournalIdentity, data: Uint8Array): LogChunk[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const chunks: LogChunk[] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = parseRecordHeader(bytes, at);
    const content = header && decodeRecord(identity, bytes.subarray(at, at + header.bytes));
    if (header === undefined || content === undefined) throw new Error('a record cannot be opened');
    chunks.push({ track: identity.track, offset: header.offset, ...content });
    at += header.bytes;
  }
  return chunks;
}
