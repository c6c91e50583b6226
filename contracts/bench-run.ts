import { z } from 'zod';
import { durationMs, field, language, timestampMs } from './field.ts';

/** Percentiles of what was measured, in ms; null where nothing could be. */
export const Spread = z
  .object({
    p50: field(z.number(), 'Median, in ms', 410),
    p95: field(z.number(), '95th percentile, in ms', 720),
    count: field(z.int().min(1), 'How many were measured', 57),
  })
  .meta({ id: 'Spread', description: 'Percentiles, nearest rank' });
export type Spread = z.infer<typeof Spread>;

const spread = (description: string) =>
  field(Spread.nullable(), `${description}; null when nothing was measured`, {
    p50: 410,
    p95: 720,
    count: 57,
  });

const wordErrors = {
  words: field(z.int().min(0), 'Words of the references', 803),
  substitutions: field(z.int().min(0), 'Words that were heard as others', 70),
  deletions: field(z.int().min(0), 'Words that were not heard', 20),
  insertions: field(z.int().min(0), 'Words that were not said', 12),
  wordErrorRate: field(z.number().nullable(), 'The three over the words; null without words', 0.127),
};

const amount = {
  clips: field(z.int().min(0), 'Files that were measured', 20),
  audioMs: durationMs('Audio in all', 403_900),
  cpuPerSecond: field(
    z.number().nullable(),
    'Processor seconds the server used for a second of audio; null where it does not say',
    0.07,
  ),
};

export const FileFigures = z
  .object({
    ...amount,
    ...wordErrors,
    realTimeFactor: field(z.number().nullable(), 'Time it took over length of the audio', 0.08),
    memoryBytes: field(z.int().min(0).nullable(), 'Resident memory of the server afterwards', 480_000_000),
  })
  .meta({ id: 'FileFigures', description: 'Whole files, one after the other, as fast as they go' });
export type FileFigures = z.infer<typeof FileFigures>;

export const LiveFigures = z
  .object({
    ...amount,
    ...wordErrors,
    keptWordErrorRate: field(
      z.number().nullable(),
      'Word error rate of the transcript that is kept, after the second pass; null without words',
      0.121,
    ),
    firstDisplayMs: spread('End of a word until it was shown'),
    stabilisationMs: spread('End of a word until it did not change any more'),
    finalisationMs: spread('End of a phrase until its final'),
    firstTextMs: spread('Start of a phrase until its first word was shown'),
    flicker: field(z.number().nullable(), 'Words revised per final word', 0.42),
    missedPhrases: field(z.int().min(0), 'Phrases of which no word was heard', 0),
    stopToFinalMs: spread('Stop until the last final'),
    stopToNotesMs: spread('Stop until the notes'),
  })
  .meta({ id: 'LiveFigures', description: 'Captions of files that were played in real time' });
export type LiveFigures = z.infer<typeof LiveFigures>;

export const StreamFigures = z
  .object({
    most: field(z.int().min(0), 'Most streams at once that were in time', 8),
    perCore: field(z.number(), 'The same for one core', 4),
    tried: field(
      z.array(
        z.object({
          streams: field(z.int().min(1), 'Streams at once', 4),
          finalisationMs: spread('End of a phrase until its final'),
          missedPhrases: field(z.int().min(0), 'Phrases of which no word was heard', 0),
          inTime: field(z.boolean(), 'Whether p95 is within twice that of one stream', true),
        }),
      ),
      'Each number of streams that was tried',
      [],
    ),
  })
  .meta({ id: 'StreamFigures', description: 'How many streams can be captioned at once' });
export type StreamFigures = z.infer<typeof StreamFigures>;

/** `speakr bench --json`, one line an engine; also what `--save` writes. Definitions: docs/bench.md. */
export const BenchRun = z
  .object({
    format: field(z.literal(1), 'Version of this form', 1),
    speakr: field(z.string(), 'Version of speakr', '0.1.0'),
    measuredAt: timestampMs('When the run began'),
    machine: field(z.string(), 'Where the command ran', 'Example CPU, 2 cores, 24 GB, linux x64'),
    cores: field(z.int().min(1), 'Cores of that machine', 2),
    engine: field(z.string(), 'Recognizer model', 'moonshine-tiny-en'),
    server: field(z.string(), 'Where it runs; absent: on this machine', 'https://speakr.example').optional(),
    language: language(),
    files: field(FileFigures.nullable(), 'Whole files; null when not measured', null),
    live: field(LiveFigures.nullable(), 'Captions in real time; null when not measured', null),
    streams: field(StreamFigures.nullable(), 'Streams at once; null when not measured', null),
    perClip: field(
      z.array(
        z.object({
          file: field(z.string(), 'File', 'talk.wav'),
          words: field(z.int().min(0), 'Words of its reference', 34),
          errors: field(z.int().min(0), 'Word errors of the whole file', 2),
          liveErrors: field(z.int().min(0), 'Word errors of its live finals', 3).optional(),
        }),
      ),
      'Each file',
      [],
    ),
    failed: field(
      z.array(
        z.object({
          file: field(z.string(), 'File', 'talk.wav'),
          code: field(z.string(), 'Error code', 'file_not_audio'),
        }),
      ),
      'Files that could not be measured; they are in no figure',
      [],
    ),
  })
  .meta({ id: 'BenchRun', description: 'What was measured of one engine' });
export type BenchRun = z.infer<typeof BenchRun>;
