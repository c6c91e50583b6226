import { z } from 'zod';
import { durationMs, field, language, recordingId } from './field.ts';
import { Receipt } from './recording.ts';
import {
  Ack,
  ErrorMessage,
  Final,
  Finished,
  NotesMessage,
  Partial,
  Ready,
  Revised,
  StateMessage,
} from './stream.ts';
import { Segment } from './transcript.ts';

/** `speakr transcribe --json`: one line a file. */
export const TranscribeResult = z
  .object({
    recordingId: recordingId(),
    file: field(z.string(), 'The file as given on the command line', 'talk.m4a'),
    language: language(),
    durationMs: durationMs('Length of the audio'),
    revision: field(z.int().min(1), 'Transcript revision', 1),
    text: field(z.string(), 'All segments joined by spaces', 'We launch on the first of March.'),
    segments: field(z.array(Segment), 'Segments in order of start', []),
    receipt: field(Receipt, 'What became of the audio', {
      capturedMs: 61_250,
      spooledMs: 61_250,
      acknowledgedMs: 61_250,
      transcribedMs: 61_250,
      gaps: [],
    }),
    model: field(z.string(), 'Recognizer model', 'moonshine-tiny-en'),
    timings: field(
      z.object({
        decodeMs: durationMs('Time the recognizer spent decoding, over all its workers'),
        totalMs: durationMs('From the start of the command to the transcript'),
      }),
      'How long it took',
      { decodeMs: 900, totalMs: 1400 },
    ),
  })
  .meta({ id: 'TranscribeResult', description: 'A file and what was said in it' });
export type TranscribeResult = z.infer<typeof TranscribeResult>;

/** `speakr transcribe --json` of a file that failed. */
export const TranscribeFailure = z
  .object({
    file: field(z.string(), 'The file as given on the command line', 'notes.txt'),
    error: field(z.object({ code: z.string(), message: z.string(), hint: z.string() }), 'Why', {
      code: 'file_not_audio',
      message: 'notes.txt has no audio that ffmpeg can read.',
      hint: 'Check it with `ffprobe`.',
    }),
  })
  .meta({ id: 'TranscribeFailure', description: 'A file that could not be transcribed' });
export type TranscribeFailure = z.infer<typeof TranscribeFailure>;

const atMs = { atMs: field(z.int(), 'When, in ms since the first captured sample', 4820) };

/** Once a second while audio comes in: what a program that drives a recording can watch. */
const Captured = z.object({
  type: z.literal('captured'),
  capturedMs: durationMs('Length of the first track so far, gaps included'),
  ...atMs,
});

/** `speakr record --json`: one line an event. */
export const RecordEvent = z
  .discriminatedUnion('type', [
    Captured,
    Ready.extend(atMs),
    Partial.extend(atMs),
    Final.extend(atMs),
    Revised.extend(atMs),
    Ack.extend(atMs),
    StateMessage.extend(atMs),
    NotesMessage.extend(atMs),
    Finished.extend({ ...atMs, stopToNotesMs: durationMs('From stop to the notes on the clipboard', 640) }),
    ErrorMessage.extend(atMs),
  ])
  .meta({ id: 'RecordEvent', description: 'Something that happened during a recording' });
export type RecordEvent = z.infer<typeof RecordEvent>;

/** `speakr doctor --json`. */
export const DoctorReport = z
  .object({
    ok: field(z.boolean(), 'True when nothing is a problem', true),
    checks: field(
      z.array(
        z.object({
          name: field(
            z.enum([
              'configuration',
              'permissions',
              'disk',
              'ffmpeg',
              'microphone',
              'models',
              'server',
              'clipboard',
            ]),
            'What was looked at; a check that needs what is broken is left out',
            'microphone',
          ),
          state: field(
            z.enum(['ok', 'warning', 'problem']),
            'All is well; works but something is missing; does not work',
            'ok',
          ),
          detail: field(z.string(), 'What was found', '-34 dB, peak -12 dB'),
          fix: field(z.string(), 'The one thing to do', 'Run: sudo apt install ffmpeg').optional(),
        }),
      ),
      'In the order in which they were made',
      [],
    ),
  })
  .meta({ id: 'DoctorReport', description: 'What works on this machine and what does not' });
export type DoctorReport = z.infer<typeof DoctorReport>;
