import { createHash } from 'node:crypto';
import type { DeclaredStream } from '../nats/declare-streams.ts';
import { ownerToken } from '../owner-token.ts';

/**
 * One stream syncs one message after the other: 200 publishers of ten messages a second wait 2.8 s in one stream and
 * 1.5 ms in sixteen (95th percentile, `sync_interval: always`).
 */
const STREAMS = 16;
const GIBIBYTE = 1024 ** 3;
/** Some 145 hours of audio that is not archived yet. */
const DEFAULT_BYTES = 16 * GIBIBYTE;

const numbered = (index: number) => String(index).padStart(2, '0');

/** Where a recording's audio is. */
export interface AudioPlace {
  readonly stream: string;
  readonly manifest: string;
  track(track: number): string;
  /** All of the recording. */
  readonly all: string;
}

export function audioPlace(owner: string, recordingId: string): AudioPlace {
  const index = numbered(createHash('sha256').update(recordingId).digest().readUInt8(0) % STREAMS);
  const base = `speakr.audio.${index}.${ownerToken(owner)}.${recordingId}`;
  return {
    stream: streamName(index),
    manifest: `${base}.manifest`,
    track: (track) => `${base}.track-${track}`,
    all: `${base}.>`,
  };
}

const streamName = (index: string) => `SPEAKR_AUDIO_${index}`;

/**
 * The streams of the audio log. They keep audio until it is archived; one that is full refuses what is new, and
 * clients keep it in their spools.
 * @param replicas how many servers hold each stream; with one, the server needs `sync_interval: always`
 * @param maxBytes of all streams together
 */
export function audioStreams(replicas: number, maxBytes = DEFAULT_BYTES): DeclaredStream[] {
  return Array.from({ length: STREAMS }, (_, number) => {
    const index = numbered(number);
    return {
      name: streamName(index),
      subjects: [`speakr.audio.${index}.>`],
      retention: 'limits',
      storage: 'file',
      discard: 'new',
      num_replicas: replicas,
      max_bytes: Math.floor(maxBytes / STREAMS),
      max_msg_size: 256 * 1024,
      duplicate_window: 120 * 1e9,
      allow_direct: true,
    };
  });
}

/** Subjects of all manifests in each stream, for finding the recordings that have a log. */
export const manifestFilters = (): { stream: string; filter: string }[] =>
  Array.from({ length: STREAMS }, (_, number) => ({
    stream: streamName(numbered(number)),
    filter: `speakr.audio.${numbered(number)}.*.*.manifest`,
  }));

/** Everything of an owner in each stream. */
export const ownerFilters = (owner: string): { stream: string; filter: string }[] =>
  Array.from({ length: STREAMS }, (_, number) => ({
    stream: streamName(numbered(number)),
    filter: `speakr.audio.${numbered(number)}.${ownerToken(owner)}.>`,
  }));

/** Told when a log is removed, so that nobody waits for more of it. */
export const removalSubject = (owner: string, recordingId: string): string =>
  `speakr.audio-removed.${ownerToken(owner)}.${recordingId}`;
