import { z } from 'zod';
import { field, language, offsetMs, recordingId, timestampMs } from './field.ts';

export const Word = z
  .object({
    text: field(z.string(), 'The word as written, with its punctuation', 'launch'),
    startMs: offsetMs('Start of the word', 1250),
    endMs: offsetMs('End of the word', 1600),
    estimated: field(z.boolean(), 'True when the times are interpolated, not measured by the model', true),
  })
  .meta({ id: 'Word', description: 'A word with its times' });
export type Word = z.infer<typeof Word>;

export const Segment = z
  .object({
    id: field(z.string(), 'Segment id, unique in the recording: revision.track.index', '1.0.12'),
    track: field(z.int().min(0).max(7), 'Track number', 0),
    startMs: offsetMs('Start of the segment', 1250),
    endMs: offsetMs('End of the segment', 4800),
    text: field(z.string(), 'What was said', 'We launch on the first of March.'),
    speaker: field(z.string(), 'Who speaks, where known', 'me').optional(),
    words: field(z.array(Word), 'Words with times', []).optional(),
  })
  .meta({ id: 'Segment', description: 'A stretch of speech between two pauses' });
export type Segment = z.infer<typeof Segment>;

export const RevisionOrigin = z.enum([
  'live',
  'batch',
  'second-pass',
  'edit',
  'retranscription',
  'import',
  'post-processing',
]);

export const Transcript = z
  .object({
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Revision; 1 is the first', 1),
    origin: field(RevisionOrigin, 'How the revision came about', 'live'),
    complete: field(z.boolean(), 'False while the recording still runs', true),
    language: language(),
    model: field(z.string(), 'Recognizer model', 'moonshine-tiny-en'),
    createdAt: timestampMs('When the revision was begun'),
    segments: field(z.array(Segment), 'Segments in order of start', []),
  })
  .meta({ id: 'Transcript', description: 'One revision of what was said' });
export type Transcript = z.infer<typeof Transcript>;

export const Revision = Transcript.omit({ segments: true }).meta({
  id: 'Revision',
  description: 'A revision without its text',
});
export type Revision = z.infer<typeof Revision>;
