import { z } from 'zod';
import { durationMs, field, offsetMs, recordingId, timestampMs } from './field.ts';

export const QueryRequest = z
  .object({
    question: field(z.string().min(1).max(2000), 'What to look for, in plain words', 'When do we launch?'),
    tags: field(z.array(z.string()), 'Only recordings that carry all of these tags', []).optional(),
    since: timestampMs('Only recordings started at or after').optional(),
    until: timestampMs('Only recordings started before').optional(),
    recordingId: recordingId().optional(),
    live: field(
      z.boolean(),
      'Whether recordings that run right now are searched too, up to their last final; true when absent',
      true,
    ).optional(),
    limit: field(z.int().min(1).max(50), 'How many passages at the most', 5).optional(),
    ranking: field(
      z.enum(['hybrid', 'dense', 'keyword']),
      'Which half of the search decides; hybrid unless measuring',
      'hybrid',
    ).optional(),
  })
  .meta({ id: 'QueryRequest', description: 'A question to everything recorded' });
export type QueryRequest = z.infer<typeof QueryRequest>;

export const QueryHit = z
  .object({
    recordingId: recordingId(),
    title: field(z.string(), 'Title of the recording', 'Launch planning'),
    startedAt: timestampMs('When the recording started'),
    startMs: offsetMs('Start of the passage', 61_250),
    endMs: offsetMs('End of the passage', 72_000),
    text: field(z.string(), 'What was said there', 'We launch on the first of March.'),
    speaker: field(z.string(), 'Who speaks, where known', 'me').optional(),
    score: field(z.number(), 'Rank score, higher is better; comparable within one answer only', 0.82),
    tags: field(z.array(z.string()), 'Tags of the recording', ['launch']),
    running: field(z.literal(true), 'Present when the recording still runs', true).optional(),
  })
  .meta({ id: 'QueryHit', description: 'A passage that may answer the question' });
export type QueryHit = z.infer<typeof QueryHit>;

export const AnswerSentence = z
  .object({
    text: field(z.string(), 'One sentence of the answer', 'The launch is on the first of March.'),
    hits: field(z.array(z.int().min(0)).min(1), 'Indexes of the hits that bear it', [0]),
  })
  .meta({ id: 'AnswerSentence', description: 'A sentence with its citations' });

export const QueryResponse = z
  .object({
    question: field(z.string(), 'The question', 'When do we launch?'),
    answer: field(
      z.array(AnswerSentence),
      'Written by the language model, when one is configured',
      [],
    ).optional(),
    hits: field(z.array(QueryHit), 'Passages, best first', []),
    timings: field(
      z.object({
        embedMs: durationMs('Embedding of the question', 19),
        searchMs: durationMs('Search and ranking', 4),
        answerMs: durationMs('Writing of the answer', 0),
        totalMs: durationMs('All of it', 25),
      }),
      'How long it took',
      { embedMs: 19, searchMs: 4, answerMs: 0, totalMs: 25 },
    ),
  })
  .meta({
    id: 'QueryResponse',
    description: 'Passages and, where a language model is configured, a written answer',
  });
export type QueryResponse = z.infer<typeof QueryResponse>;
