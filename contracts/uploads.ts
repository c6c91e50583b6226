import { z } from 'zod';
import { durationMs, field, language, recordingId, timestampMs } from './field.ts';

/** Parts of an upload at the most. */
export const MOST_PARTS = 10_000;
/** Size that a client should cut a file into, bytes. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Largest part, bytes. */
export const MOST_PART_BYTES = 64 * 1024 * 1024;

export const uploadId = () =>
  field(
    z.uuid(),
    'Upload id: UUIDv7 made by the client, so that beginning it again changes nothing',
    '0199f3a1-8a2b-7c33-9e44-5f6a7b8c9d0e',
  );

export const sha256 = (description: string) =>
  field(
    z.string().regex(/^[0-9a-f]{64}$/),
    `${description}: SHA-256 in lower-case hex`,
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );

const about = {
  recordingId: recordingId(),
  name: field(
    z.string().min(1).max(500),
    'Name of the file; what it is is found out from its content',
    'talk.m4a',
  ),
  language: language().optional(),
  model: field(z.string().min(1).max(200), 'Recognizer model', 'moonshine-tiny-en').optional(),
  template: field(z.string().max(100), 'Notes template', 'meeting').optional(),
  title: field(
    z.string().min(1).max(300),
    'Title; made from the content when none is given',
    'Launch planning',
  ).optional(),
};

const tag = () => z.string().min(1).max(80);

export const UploadStart = z
  .object({
    id: uploadId(),
    ...about,
    startedAt: timestampMs('When the recording was made; now when absent').optional(),
    tags: field(z.array(tag()).max(50), 'Tags', ['launch']).optional(),
    templateText: field(
      z.string().max(20_000),
      'Text of a template of the user’s own',
      '# My notes',
    ).optional(),
    vocabulary: field(z.array(z.string().min(1).max(100)).max(200), 'Names and terms to expect', [
      'Metformin',
    ]).optional(),
  })
  .meta({
    id: 'UploadStart',
    description: 'A file that will be uploaded, and the recording it shall become',
  });
export type UploadStart = z.infer<typeof UploadStart>;

/** What comes with a file that is sent in one request. */
export const UploadQuery = z.object({
  id: uploadId().optional(),
  ...about,
  recordingId: recordingId().optional(),
  startedAt: field(
    z.coerce.number().int().min(0),
    'When the recording was made, in ms since the Unix epoch; now when absent',
    1_795_262_400_000,
  ).optional(),
  tag: field(z.union([tag(), z.array(tag()).max(50)]), 'Tag; may be repeated', 'launch').optional(),
  sha256: sha256('Checksum of the whole file').optional(),
});

export const UploadPart = z
  .object({
    part: field(z.int().min(1).max(MOST_PARTS), 'Number of the part, from 1', 1),
    bytes: field(z.int().min(0), 'Size of the part, in bytes', PART_BYTES),
  })
  .meta({ id: 'UploadPart', description: 'A part of a file that is here' });
export type UploadPart = z.infer<typeof UploadPart>;

export const uploadStates = ['open', 'complete', 'ingested', 'failed'] as const;

export const Upload = z
  .object({
    id: uploadId(),
    recordingId: recordingId(),
    state: field(
      z.enum(uploadStates),
      'open: parts are taken; complete: all is here and waits to be read; ingested: its audio is in the recording; failed: it cannot be read',
      'open',
    ),
    parts: field(z.array(UploadPart), 'Parts that are here, in order', [{ part: 1, bytes: PART_BYTES }]),
    bytes: field(z.int().min(0), 'Size of all parts, in bytes', PART_BYTES),
    partBytes: field(z.int().min(1), 'Size that a part should have, in bytes', PART_BYTES),
    maxBytes: field(z.int().min(1), 'Largest file, in bytes', 4 * 1024 ** 3),
    maxDurationMs: durationMs('Longest audio', 12 * 3_600_000),
    expiresAt: timestampMs('When it is thrown away if nothing more comes'),
    jobId: field(
      z.string(),
      'Job that reads it, once it is complete',
      '0199f3a1-9b0c-7a52-8c11-52b0c6d7e8f9',
    ).optional(),
  })
  .meta({ id: 'Upload', description: 'A file on its way to a recording' });
export type Upload = z.infer<typeof Upload>;

export const UploadComplete = z
  .object({
    parts: field(z.int().min(1).max(MOST_PARTS), 'How many parts the file has', 13),
  })
  .meta({ id: 'UploadComplete', description: 'The end of an upload' });

export const byUpload = z.object({ upload: uploadId() });
export const byPart = byUpload.extend({
  part: field(z.coerce.number().int().min(1).max(MOST_PARTS), 'Number of the part, from 1', 1),
});
export const PartQuery = z.object({ sha256: sha256('Checksum of the part') });
