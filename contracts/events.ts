import { z } from 'zod';
import { durationMs, field, language, recordingId } from './field.ts';

/** What happened, or what shall be done: the `data` of a CloudEvent. Carries ids and numbers, never text. */
const eventData = {
  'recording.started.v1': z.object({
    recordingId: recordingId(),
    mode: field(z.enum(['live', 'batch']), 'Live or file', 'live'),
  }),
  'recording.finished.v1': z.object({ recordingId: recordingId(), capturedMs: durationMs('Audio captured') }),
  'recording.cancelled.v1': z.object({ recordingId: recordingId() }),
  'recording.deleted.v1': z.object({ recordingId: recordingId() }),
  'recording.ingested.v1': z.object({
    recordingId: recordingId(),
    durationMs: durationMs('Length of the upload'),
  }),
  'segments.finalized.v1': z.object({
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Growing revision', 1),
    segments: field(z.int().min(0), 'How many segments the revision has now', 12),
  }),
  'transcription.completed.v1': z.object({
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Revision that is complete', 1),
    language: language(),
  }),
  'transcription.failed.v1': z.object({
    recordingId: recordingId(),
    code: field(z.string(), 'Error code', 'recognizer_failed'),
  }),
  'nlp.postprocessed.v1': z.object({
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Revision', 1),
  }),
  'embeddings.created.v1': z.object({
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Revision', 1),
    model: field(z.string(), 'Embedder', 'all-minilm-l6-v2-int8'),
  }),
  'notes.generated.v1': z.object({
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Revision', 1),
  }),
  'audio.archived.v1': z.object({ recordingId: recordingId() }),
  'job.cancelled.v1': z.object({
    recordingId: recordingId(),
    jobId: field(z.string(), 'The job that shall stop', '0199f3a1-9b0c-7a52-8c11-52b0c6d7e8f9'),
  }),
  'model.promoted.v1': z.object({
    model: field(z.string(), 'Model that serves now', 'moonshine-tiny-en'),
    kind: field(z.enum(['recognizer', 'embedder']), 'What it does', 'recognizer').optional(),
    previous: field(z.string(), 'Model that served before', 'moonshine-base-en').optional(),
  }),
} as const;

const commandData = {
  'recording.stop.v1': z.object({ recordingId: recordingId() }),
  'recording.cancel.v1': z.object({ recordingId: recordingId() }),
  'ingestion.run.v1': z.object({
    recordingId: recordingId(),
    uploadId: field(z.string(), 'Upload to read', '0199f3a1-8a2b-7c33-9e44-5f6a7b8c9d0e'),
  }),
  'embeddings.rebuild.v1': z.object({
    model: field(z.string(), 'Embedder whose vectors everything shall have', 'all-minilm-l6-v2-int8'),
    promotion: field(z.int().min(1), 'Number of the promotion that it is for', 1),
  }),
  'transcription.run.v1': z.object({
    recordingId: recordingId(),
    mode: field(z.enum(['live', 'batch']), 'Follow the live log, or decode what is there', 'live'),
    revision: field(z.int().min(1), 'Revision to write', 1),
    model: field(z.string(), 'Recognizer model', 'moonshine-tiny-en'),
    language: language(),
  }),
} as const;

export const messageData = { ...eventData, ...commandData } as const;
export type MessageType = keyof typeof messageData;
export type MessageData<T extends MessageType> = z.infer<(typeof messageData)[T]>;

export const eventTypes = Object.keys(eventData) as (keyof typeof eventData)[];
export const commandTypes = Object.keys(commandData) as (keyof typeof commandData)[];

/** Bus subject of a message type: `speakr.event.recording.started.v1`, `speakr.command.transcription.run.v1`. */
export function subjectOf(type: MessageType): string {
  return `speakr.${type in commandData ? 'command' : 'event'}.${type}`;
}

/** The envelope: CloudEvents 1.0 in JSON, with speakr's extensions. */
export const Envelope = z
  .object({
    specversion: field(z.literal('1.0'), 'CloudEvents version', '1.0'),
    id: field(
      z.string(),
      'Id of the message; the same id means the same message',
      '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
    ),
    source: field(z.string(), 'Part of speakr that says it', '/speakr/transcriber'),
    type: field(
      z.enum([...eventTypes, ...commandTypes] as [MessageType, ...MessageType[]]),
      'Message type',
      'recording.started.v1',
    ),
    time: field(z.iso.datetime(), 'When it was said', '2026-11-21T12:00:00.000Z'),
    subject: field(z.string(), 'Recording id', '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e').optional(),
    owner: field(z.string(), 'User the recording belongs to', 'local'),
    correlationid: field(z.string(), 'Joins everything that follows from one request', 'req-1a'),
    traceparent: field(
      z.string(),
      'W3C trace context of what published it, when traces are on',
      '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ).optional(),
    data: field(z.record(z.string(), z.unknown()), 'Data, by type', {
      recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
    }),
  })
  .meta({ id: 'Envelope', description: 'A message on the bus' });

/** A typed message on the bus. */
export type Message<T extends MessageType = MessageType> = {
  [K in T]: Omit<z.infer<typeof Envelope>, 'type' | 'data'> & { type: K; data: MessageData<K> };
}[T];
