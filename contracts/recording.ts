import { z } from 'zod';
import { durationMs, field, language, offsetMs, recordingId, timestampMs } from './field.ts';

/** Where a track comes from: what is played can be heard in the microphone, and is then left out there. */
export const TrackKind = field(
  z.enum(['microphone', 'system', 'file']),
  'A microphone, what the computer plays, or a file',
  'microphone',
);

export const Track = z
  .object({
    track: field(z.int().min(0).max(7), 'Track number within the recording', 0),
    label: field(z.string().min(1).max(80), 'Who or what is on the track', 'me'),
    kind: TrackKind.optional(),
    samples: field(z.int().min(0), 'Samples of PCM16 mono 16 kHz received and durable', 980_000),
  })
  .meta({ id: 'Track', description: 'One channel of audio of a recording' });
export type Track = z.infer<typeof Track>;

export const GapReason = z.enum([
  'overrun',
  'device_lost',
  'disk_full',
  'crash',
  'sleep',
  'source_truncated',
  'unknown',
]);
export type GapReason = z.infer<typeof GapReason>;

export const Gap = z
  .object({
    track: field(z.int().min(0).max(7), 'Track number', 0),
    startMs: offsetMs('Where the gap starts', 12_000),
    durationMs: durationMs('How long nothing was captured', 800),
    reason: field(GapReason, 'Why nothing was captured', 'device_lost'),
  })
  .meta({ id: 'Gap', description: 'A span of time of which no audio was captured' });
export type Gap = z.infer<typeof Gap>;

/** What became of the audio, stage by stage. Equal figures and no gap: nothing was lost. */
export const Receipt = z
  .object({
    capturedMs: durationMs('Audio captured from the device or file'),
    spooledMs: durationMs('Audio written to the client’s disk'),
    acknowledgedMs: durationMs('Audio durable on the server'),
    transcribedMs: durationMs('Audio the recognizer has been through'),
    gaps: field(z.array(Gap), 'Spans that were not captured', []),
    echo: field(
      z.object({
        segments: field(z.int().min(0), 'How many', 3),
        durationMs: durationMs('Their length', 7400),
      }),
      'What the microphone heard of the loudspeakers: in the audio, left out of the text',
      { segments: 3, durationMs: 7400 },
    ).optional(),
  })
  .meta({ id: 'Receipt', description: 'What became of the audio' });
export type Receipt = z.infer<typeof Receipt>;

export const RecordingState = z.enum(['recording', 'processing', 'ready', 'failed', 'cancelled']);
export type RecordingState = z.infer<typeof RecordingState>;

export const Moment = z
  .object({
    atMs: offsetMs('When it was marked', 61_250),
    kind: field(z.enum(['mark', 'note', 'pause', 'resume']), 'What it is', 'note'),
    text: field(z.string().max(2000), 'What was typed; empty for a bare mark', 'Alex wants monthly billing'),
  })
  .meta({ id: 'Moment', description: 'Something the user did during the recording' });
export type Moment = z.infer<typeof Moment>;

export const Recording = z
  .object({
    id: recordingId(),
    title: field(z.string().max(300), 'Title; made from the content when none was given', 'Launch planning'),
    titleSource: field(z.enum(['user', 'content', 'time']), 'Where the title comes from', 'content'),
    tags: field(z.array(z.string().min(1).max(80)).max(50), 'Tags', ['launch']),
    state: field(RecordingState, 'Where the recording stands', 'ready'),
    mode: field(z.enum(['live', 'batch']), 'Recorded live, or transcribed from a file', 'live'),
    language: language(),
    model: field(z.string(), 'Recognizer model of the newest revision', 'moonshine-tiny-en'),
    template: field(z.string(), 'Template of the notes', 'meeting'),
    source: field(z.string().max(500), 'Where the audio came from: microphone or file name', 'microphone'),
    startedAt: timestampMs('When the first sample was captured'),
    createdAt: timestampMs('When the recording was created'),
    updatedAt: timestampMs('When the recording last changed'),
    cancelledAt: timestampMs('When it was discarded; it can be restored for 7 days').optional(),
    durationMs: durationMs('Length of the longest track'),
    tracks: field(z.array(Track).max(8), 'Tracks', [{ track: 0, label: 'me', samples: 980_000 }]),
    speakers: field(
      z.record(z.string().min(1).max(80), z.string().min(1).max(80)),
      'Names of the speakers, by the label of their track or voice',
      { me: 'Anna', them: 'Tom' },
    ).optional(),
    revision: field(
      z.int().min(0),
      'Newest complete or growing transcript revision; 0 before the first word',
      1,
    ),
    receipt: field(Receipt, 'What became of the audio', {
      capturedMs: 61_250,
      spooledMs: 61_250,
      acknowledgedMs: 61_250,
      transcribedMs: 61_250,
      gaps: [],
    }),
    moments: field(z.array(Moment), 'Marks and notes of the user', []),
    failure: field(
      z.string(),
      'Error code of the last transcription, when it failed',
      'recognizer_failed',
    ).optional(),
  })
  .meta({ id: 'Recording', description: 'One recording and where it stands' });
export type Recording = z.infer<typeof Recording>;
