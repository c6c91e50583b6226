import type { Moment, Recording, RecordingState, Track } from '@speakr/contracts/recording';
import type { Selectable } from 'kysely';
import type { OwnerContext } from './owner-context.ts';
import { cipherOf } from './owner-context.ts';
import type { RecordingCipher } from './recording-cipher.ts';
import type { Tables } from './schema.ts';

/** What a user says or names about a recording: stored sealed, as one value. */
export interface RecordingDetails {
  title: string;
  titleSource: Recording['titleSource'];
  tags: string[];
  template: string;
  source: string;
  tracks: Track[];
  speakers?: Record<string, string>;
  moments: Moment[];
  /** Terms that came with the recording. */
  vocabulary?: readonly string[];
}

export type RecordingRow = Omit<Selectable<Tables['recordings']>, 'template_text'>;

/** Columns of a `RecordingRow`. */
export const recordingColumns = [
  'user_id',
  'id',
  'wrapped_key',
  'state',
  'mode',
  'language',
  'model',
  'started_at',
  'created_at',
  'updated_at',
  'cancelled_at',
  'duration_ms',
  'revision',
  'failure',
  'receipt',
  'details',
] as const satisfies readonly (keyof RecordingRow)[];

export function toRecording(row: RecordingRow, details: RecordingDetails): Recording {
  return {
    id: row.id,
    title: details.title,
    titleSource: details.titleSource,
    tags: details.tags,
    state: row.state as RecordingState,
    mode: row.mode as Recording['mode'],
    language: row.language,
    model: row.model,
    template: details.template,
    source: details.source,
    startedAt: row.started_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.cancelled_at === null ? {} : { cancelledAt: row.cancelled_at }),
    durationMs: row.duration_ms,
    tracks: details.tracks,
    ...(details.speakers === undefined ? {} : { speakers: details.speakers }),
    revision: row.revision,
    receipt: JSON.parse(row.receipt),
    moments: details.moments,
    ...(row.failure === null ? {} : { failure: row.failure }),
  };
}

/** Opens a row: the recording and the cipher for the rest of it. */
export function openRecording(
  context: OwnerContext,
  row: RecordingRow,
): { recording: Recording; cipher: RecordingCipher } {
  const cipher = cipherOf(context, row.id, row.wrapped_key);
  return { recording: toRecording(row, cipher.unsealJson<RecordingDetails>('details', row.details)), cipher };
}
