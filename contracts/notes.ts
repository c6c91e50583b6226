import { z } from 'zod';
import { Evidence, field, recordingId, timestampMs } from './field.ts';

export const NotesLine = z
  .object({
    text: field(z.string(), 'One statement', 'The launch moves to the first of March.'),
    evidence: field(z.array(Evidence).min(1), 'What it rests on', [
      { revision: 1, segmentId: '1.0.12', startMs: 61_250, endMs: 64_900 },
    ]),
  })
  .meta({ id: 'NotesLine', description: 'A statement of the notes with its evidence' });
export type NotesLine = z.infer<typeof NotesLine>;

export const ActionItem = NotesLine.extend({
  id: field(z.string(), 'Action id, unique for the owner', '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e.0'),
  what: field(z.string(), 'What is to be done', 'Send the budget to finance'),
  who: field(z.string(), 'Who does it; "unknown" when nobody was named', 'Alex'),
  when: field(z.string(), 'Until when, as said; "unknown" when no time was named', 'by Friday'),
  dueOn: field(z.iso.date(), 'The same as a date, where it can be told', '2026-11-27').optional(),
  done: field(z.boolean(), 'Whether it has been marked done', false),
}).meta({ id: 'ActionItem', description: 'Something somebody has to do' });
export type ActionItem = z.infer<typeof ActionItem>;

export const NotesSection = z
  .object({
    id: field(z.string(), 'Stable name of the section', 'summary'),
    heading: field(z.string(), 'Heading as shown', 'Summary'),
    lines: field(z.array(NotesLine), 'Statements', []),
  })
  .meta({ id: 'NotesSection', description: 'A section of the notes as its template orders it' });
export type NotesSection = z.infer<typeof NotesSection>;

export const Notes = z
  .object({
    recordingId: recordingId(),
    revision: field(z.int().min(1), 'Transcript revision the notes were made from', 1),
    template: field(z.string(), 'Template', 'meeting'),
    writer: field(z.string(), '"extractive", or the language model', 'extractive'),
    fellBack: field(z.boolean(), 'True when a language model was configured but failed', false),
    droppedLines: field(z.int().min(0), 'Lines of the language model that no evidence bore', 0),
    generatedAt: timestampMs('When the notes were made'),
    sections: field(z.array(NotesSection), 'Sections in the order of the template', []),
    actions: field(z.array(ActionItem), 'Action items', []),
    markdown: field(z.string(), 'The notes as Markdown', '# Launch planning\n'),
  })
  .meta({ id: 'Notes', description: 'Notes of one recording' });
export type Notes = z.infer<typeof Notes>;
