import { z } from 'zod';
import { durationMs, field, language, offsetMs, recordingId, timestampMs } from './field.ts';
import { Notes } from './notes.ts';
import { Problem } from './problem.ts';
import { GapReason, Receipt, TrackKind } from './recording.ts';
import { Segment } from './transcript.ts';
import { MOST_TERMS, Term } from './vocabulary.ts';

/** Version of the stream protocol, sent in `start` and `ready`. */
export const STREAM_PROTOCOL = 1;
/** The only sample rate on the wire, Hz. */
export const SAMPLE_RATE = 16_000;

/** Whole milliseconds of audio that a number of samples holds; both ends count so, or a receipt would differ by one. */
export const samplesToMs = (samples: number): number => Math.floor((samples * 1000) / SAMPLE_RATE);
/** Most samples a binary chunk may hold: one second. */
export const MAX_CHUNK_SAMPLES = SAMPLE_RATE;
/** Bytes before the PCM of a binary chunk: u8 version, u8 track, u16 flags, u64 sample offset, big-endian. */
export const CHUNK_HEADER_BYTES = 12;
/** Largest JSON message either side sends or accepts, bytes: the largest `start` that its fields allow fits. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

const track = () => field(z.int().min(0).max(7), 'Track number', 0);

// What the client says

export const Start = z.object({
  type: z.literal('start'),
  protocol: field(z.int(), 'Stream protocol version the client speaks', STREAM_PROTOCOL),
  recordingId: recordingId(),
  mode: field(z.enum(['live', 'batch']), 'Captions while speaking, or a file as fast as possible', 'live'),
  language: language(),
  model: field(
    z.string(),
    'Recognizer model; the server’s default when absent',
    'moonshine-tiny-en',
  ).optional(),
  startedAt: timestampMs('When the first sample was captured'),
  source: field(z.string().max(500), 'Where the audio comes from', 'microphone'),
  title: field(z.string().max(300), 'Title, when the user gave one', 'Launch planning').optional(),
  tags: field(z.array(z.string().min(1).max(80)).max(50), 'Tags', []),
  template: field(z.string().max(100), 'Notes template', 'meeting'),
  templateText: field(
    z.string().max(20_000),
    'Text of a template of the user’s own',
    '# My notes',
  ).optional(),
  traceparent: field(
    z.string().max(200),
    'W3C trace context of the recording; what the server does for it belongs to that trace',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ).optional(),
  vocabulary: field(
    z.array(Term).max(MOST_TERMS),
    'Names and terms of this recording as they are spelled, beside those that are kept for the user',
    ['Kubernetes'],
  ).optional(),
  tracks: field(
    z
      .array(
        z.object({
          track: track(),
          label: field(z.string().min(1).max(80), 'Who or what is on the track', 'me'),
          kind: TrackKind.optional(),
        }),
      )
      .min(1)
      .max(8),
    'Tracks that will be sent',
    [{ track: 0, label: 'me' }],
  ),
});

export const GapMessage = z.object({
  type: z.literal('gap'),
  track: track(),
  fromSample: field(z.int().min(0), 'First sample that is missing', 192_000),
  samples: field(z.int().min(1), 'How many are missing; the server fills them with silence', 12_800),
  reason: field(GapReason, 'Why', 'device_lost'),
});

export const Mark = z.object({
  type: z.literal('mark'),
  atMs: offsetMs('The marked moment'),
  text: field(z.string().max(200), 'Label, may be empty', '').optional(),
});

export const NoteMessage = z.object({
  type: z.literal('note'),
  atMs: offsetMs('The moment the note belongs to'),
  text: field(z.string().min(1).max(2000), 'The note', 'Alex wants monthly billing'),
});

export const Pause = z.object({ type: z.literal('pause'), atMs: offsetMs('When capture paused') });
export const Resume = z.object({ type: z.literal('resume'), atMs: offsetMs('When capture went on') });

export const Finish = z.object({
  type: z.literal('finish'),
  tracks: field(
    z.array(
      z.object({ track: track(), samples: field(z.int().min(0), 'Total samples of the track', 980_000) }),
    ),
    'How long every track is; the server waits until it has them',
    [{ track: 0, samples: 980_000 }],
  ),
  capturedMs: durationMs('Audio captured from the device or file'),
  spooledMs: durationMs('Audio written to the client’s disk'),
});

export const Cancel = z.object({ type: z.literal('cancel') });

export const ClientMessage = z
  .discriminatedUnion('type', [Start, GapMessage, Mark, NoteMessage, Pause, Resume, Finish, Cancel])
  .meta({ id: 'ClientMessage', description: 'JSON text frame from client to server' });
export type ClientMessage = z.infer<typeof ClientMessage>;

// What the server says

export const LocalProcessing = z.enum(['allowed', 'forbidden']);
export type LocalProcessing = z.infer<typeof LocalProcessing>;

export const Ready = z.object({
  type: z.literal('ready'),
  protocol: field(z.int(), 'Stream protocol version the server speaks', STREAM_PROTOCOL),
  recordingId: recordingId(),
  model: field(z.string(), 'Recognizer model in use', 'moonshine-tiny-en'),
  resumeFrom: field(
    z.array(z.object({ track: track(), sample: field(z.int().min(0), 'First sample wanted', 0) })),
    'Where each track goes on',
    [{ track: 0, sample: 0 }],
  ),
  localProcessing: field(
    LocalProcessing,
    'Whether the client’s machine may process this audio itself while the server is away; allowed when absent',
    'allowed',
  ).optional(),
});

export const Ack = z.object({
  type: z.literal('ack'),
  track: track(),
  samples: field(z.int().min(0), 'All samples before this one are durable on the server', 16_000),
});

const caption = {
  segmentId: field(z.string(), 'Segment id: revision.track.index', '1.0.12'),
  track: track(),
  startMs: offsetMs('Start of the segment'),
  endMs: offsetMs('End of what is shown', 4800),
  text: field(z.string(), 'The whole segment as shown', 'We launch on the first of March.'),
  stable: field(z.string(), 'Prefix of the text that will not change any more', 'We launch on'),
  speaker: field(z.string(), 'Who speaks, where known', 'me').optional(),
};
export const Partial = z.object({ type: z.literal('partial'), ...caption });
export const Final = z.object({ type: z.literal('final'), ...caption });

export const Revised = z.object({
  type: z.literal('revised'),
  revision: field(z.int().min(1), 'The new revision', 2),
  replaces: field(z.array(z.string()), 'Ids of the segments that are replaced', ['1.0.12']),
  segments: field(z.array(Segment), 'The segments that replace them', []),
});

export const StateMessage = z.object({
  type: z.literal('state'),
  mode: field(
    z.enum(['live', 'finals-only', 'deferred', 'batch', 'finishing']),
    'What recognition does: captions, finals only, after stop, a file, or the tail after stop',
    'live',
  ),
  lagMs: durationMs('How far recognition is behind the audio', 240),
  transcribedMs: durationMs('Audio the recognizer has been through', 61_000),
  decodeMs: durationMs('Time the recognizer has spent decoding so far; of files only', 900).optional(),
});

export const CommandMessage = z.object({
  type: z.literal('command'),
  command: field(z.enum(['stop', 'cancel', 'note']), 'What another terminal asks of this recording', 'stop'),
  text: field(z.string().max(2000), 'Text of a note', 'Alex wants monthly billing').optional(),
});

export const NotesMessage = z.object({ type: z.literal('notes'), notes: Notes });

/** Instead of `notes` when they do not fit into one message. */
export const NotesReadyMessage = z.object({
  type: z.literal('notes_ready'),
  recordingId: recordingId(),
  revision: field(z.int().min(1), 'Transcript revision they rest on', 1),
  bytes: field(
    z.int().min(0),
    'Size as JSON, in bytes; GET /v1/recordings/{recording}/notes has them',
    120_000,
  ),
});

export const Finished = z.object({
  type: z.literal('finished'),
  recordingId: recordingId(),
  receipt: field(Receipt, 'What became of the audio', {
    capturedMs: 61_250,
    spooledMs: 61_250,
    acknowledgedMs: 61_250,
    transcribedMs: 61_250,
    gaps: [],
  }),
});

export const ErrorMessage = z.object({ type: z.literal('error'), problem: Problem });

export const ServerMessage = z
  .discriminatedUnion('type', [
    Ready,
    Ack,
    Partial,
    Final,
    Revised,
    StateMessage,
    CommandMessage,
    NotesMessage,
    NotesReadyMessage,
    Finished,
    ErrorMessage,
  ])
  .meta({ id: 'ServerMessage', description: 'JSON text frame from server to client' });
export type ServerMessage = z.infer<typeof ServerMessage>;

/** A stretch of audio of one track. */
export interface AudioChunk {
  readonly track: number;
  /** Offset of the first sample, in samples since the start of the track. */
  readonly offset: number;
  /** PCM16 little-endian mono at `SAMPLE_RATE`; an even number of bytes. */
  readonly pcm: Uint8Array;
}
