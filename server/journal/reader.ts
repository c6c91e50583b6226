import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import {
  BLOCK_BYTES,
  blockStart,
  decodeRecord,
  FILE_HEADER_BYTES,
  fitsFileHeader,
  isFileHeader,
  type JournalIdentity,
  nextRecordPosition,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  RECORD_OVERHEAD_BYTES,
  type RecordContent,
  type RecordHeader,
  samplesOf,
} from './format.ts';

const READ_AHEAD_BYTES = 64 * 1024;
/** How far back a crash may have left holes: twice what `openJournal` lets wait for the disk. */
const UNSYNCED_BLOCKS = 8;

/** One record, or a stretch that cannot be read; both move on, except damage at the very end of the file. */
export type Step =
  | { readonly kind: 'record'; readonly offset: number; readonly content: RecordContent }
  | { readonly kind: 'damage'; readonly offset: number; readonly samples: number; readonly atEnd: boolean };

interface FoundRecord {
  readonly header: RecordHeader;
  readonly isWhole: boolean;
  readonly content: RecordContent | undefined;
}

/** Walks the records of one file. A file that grows can be asked again after `next` returned undefined. */
export interface RecordReader {
  /** @returns undefined at the end, or before a record that is not written completely yet */
  next(): Promise<Step | undefined>;
  /** Goes to the block that holds a sample. */
  seek(sample: number): Promise<void>;
  /** Goes to where only a crash can have damaged the file. */
  seekTail(): Promise<void>;
  /** First sample and byte position of the record that comes next. */
  readonly expected: number;
  readonly position: number;
  /** False while the file is empty or a crash left half a header. */
  readonly hasHeader: boolean;
  close(): Promise<void>;
}

/**
 * Opens a journal file for reading.
 * @throws SpeakrError `key_missing` when key, recording or track do not fit; `audio_damaged` when it is no journal
 */
export async function openRecordReader(path: string, identity: JournalIdentity): Promise<RecordReader> {
  const file = await open(path, 'r');
  try {
    return recordReader(file, identity, await readHeader(file, identity));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: Pick<FileHandle, 'read'>, identity: JournalIdentity): Promise<boolean> {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  const { bytesRead } = await file.read(header, 0, FILE_HEADER_BYTES, 0);
  // A crash between creating the file and writing its header.
  if (bytesRead < FILE_HEADER_BYTES || header.every((byte) => byte === 0)) return false;
  if (!isFileHeader(header)) throw new SpeakrError('audio_damaged', 'The file is not an audio journal.');
  if (!fitsFileHeader(identity, header))
    throw new SpeakrError('key_missing', `The key does not open the audio of ${identity.recordingId}.`);
  return true;
}

/** @param hasRecords whether the header of the file has been read */
export function recordReader(
  file: Pick<FileHandle, 'read' | 'stat' | 'close'>,
  identity: JournalIdentity,
  hasRecords: boolean,
): RecordReader {
  let position = FILE_HEADER_BYTES;
  let expected = 0;
  let ahead = Buffer.alloc(0);
  let aheadAt = 0;

  /** @returns up to `bytes` bytes at `at`; fewer at the end of the file */
  async function bytesAt(at: number, bytes: number): Promise<Buffer> {
    if (at < aheadAt || at + bytes > aheadAt + ahead.length) {
      const fresh = Buffer.allocUnsafe(Math.max(bytes, READ_AHEAD_BYTES));
      const { bytesRead } = await file.read(fresh, 0, fresh.length, at);
      ahead = fresh.subarray(0, bytesRead);
      aheadAt = at;
    }
    return ahead.subarray(at - aheadAt, at - aheadAt + bytes);
  }

  const headerAt = async (at: number) => {
    const header = parseRecordHeader(await bytesAt(at, RECORD_HEADER_BYTES));
    const crosses = header !== undefined && (at % BLOCK_BYTES) + header.bytes > BLOCK_BYTES;
    return crosses ? undefined : header;
  };

  /** What stands there; without content where it is damaged or, not whole, still in writing. */
  async function recordAt(at: number): Promise<FoundRecord | undefined> {
    const header = await headerAt(at);
    if (header === undefined) return undefined;
    const record = await bytesAt(at, header.bytes);
    const isWhole = record.length === header.bytes;
    return { header, isWhole, content: isWhole ? decodeRecord(identity, record) : undefined };
  }

  /** The first intact record after damage: right behind it, or at the start of a later block. */
  async function nextIntact(candidate: number | undefined) {
    const { size } = await file.stat();
    const later = candidate === undefined ? [] : [candidate];
    for (let block = Math.floor(position / BLOCK_BYTES) + 1; blockStart(block) < size; block += 1)
      later.push(blockStart(block));
    for (const at of later) {
      const record = await recordAt(at);
      if (record?.content !== undefined && record.header.offset >= expected)
        return { at, offset: record.header.offset };
    }
    return undefined;
  }

  /** Moves on over the record at `position` when it is the one that is expected, and intact. */
  function take(record: FoundRecord | undefined): Step | undefined {
    if (record?.content === undefined || record.header.offset !== expected) return undefined;
    const offset = expected;
    position += record.header.bytes;
    expected += samplesOf(record.content);
    return { kind: 'record', offset, content: record.content };
  }

  async function next(): Promise<Step | undefined> {
    if (!hasRecords) hasRecords = await readHeader(file, identity);
    if (!hasRecords) return undefined;
    position = nextRecordPosition(position);
    const record = await recordAt(position);
    const taken = take(record);
    if (taken !== undefined) return taken;
    const trusted = record?.header.offset === expected ? record.header : undefined;
    const intact = await nextIntact(trusted && nextRecordPosition(position + trusted.bytes));
    // The writer may have gone on since it was looked at: what was half there is whole before anything behind it is.
    ahead = Buffer.alloc(0);
    const again = await recordAt(position);
    const takenNow = take(again);
    if (takenNow !== undefined) return takenNow;
    // It may also replace what stands here.
    ahead = Buffer.alloc(0);
    const offset = expected;
    if (intact) {
      position = intact.at;
      expected = intact.offset;
      return { kind: 'damage', offset, samples: intact.offset - offset, atEnd: false };
    }
    if (again?.header.offset !== expected || !again.isWhole) return undefined;
    const samples = Math.floor((again.header.bytes - RECORD_OVERHEAD_BYTES) / 2);
    return { kind: 'damage', offset, samples, atEnd: true };
  }

  /** Goes to the last readable block up to `block` that starts at or before `sample`. */
  async function goToBlock(block: number, sample: number): Promise<void> {
    for (let candidate = block; candidate >= 0; candidate -= 1) {
      const header = await headerAt(blockStart(candidate));
      if (header === undefined || header.offset > sample) continue;
      position = blockStart(candidate);
      expected = header.offset;
      return;
    }
    position = FILE_HEADER_BYTES;
    expected = 0;
  }

  async function seek(sample: number): Promise<void> {
    const { size } = await file.stat();
    let low = 0;
    let high = Math.floor(Math.max(0, size - 1) / BLOCK_BYTES);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const header = await headerAt(blockStart(middle));
      // A block that cannot be read counts as too late: the walk from an earlier one finds its way over it.
      if (header !== undefined && header.offset <= sample) low = middle;
      else high = middle - 1;
    }
    await goToBlock(low, sample);
  }

  async function seekTail(): Promise<void> {
    const { size } = await file.stat();
    const last = Math.floor(Math.max(0, size - 1) / BLOCK_BYTES);
    await goToBlock(Math.max(0, last - UNSYNCED_BLOCKS), Number.MAX_SAFE_INTEGER);
  }

  return {
    next,
    seek,
    seekTail,
    get expected() {
      return expected;
    },
    get position() {
      return position;
    },
    get hasHeader() {
      return hasRecords;
    },
    close: () => file.close(),
  };
}
