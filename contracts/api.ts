import { z } from 'zod';
import { Erasure, ErasureQuery, ExportQuery } from './account.ts';
import { adminRoutes } from './admin.ts';
import { durationMs, field, language, offsetMs, recordingId, timestampMs } from './field.ts';
import { ApiKeyList, ApiKeyRequest, byKey, Identity, NewApiKey, type Scope } from './identity.ts';
import { Job, JobPage, JobQuery, jobReference } from './jobs.ts';
import { ActionItem, Notes } from './notes.ts';
import { nextCursor, page } from './page.ts';
import { OwnPolicy } from './policies.ts';
import { Recording } from './recording.ts';
import type { Route } from './route.ts';
import { QueryRequest, QueryResponse } from './search.ts';
import { AccountAudit, AuditTrail, Share, SharedRecordings, ShareList, userName } from './sharing.ts';
import { Revision, RevisionOrigin, Segment, Transcript } from './transcript.ts';
import {
  byPart,
  byUpload,
  PartQuery,
  Upload,
  UploadComplete,
  UploadPart,
  UploadQuery,
  UploadStart,
} from './uploads.ts';
import { Vocabulary, VocabularyChange } from './vocabulary.ts';

export type { Route } from './route.ts';

const reference = field(z.string().min(1).max(64), 'Recording id, its last characters, or "last"', 'last');

export const Status = z
  .object({
    version: field(z.string(), 'Version of the server', '0.1.0'),
    protocol: field(z.int(), 'Stream protocol version', 1),
    profile: field(z.enum(['embedded', 'hosted']), 'Profile', 'embedded'),
    uptimeMs: durationMs('Time since start'),
    running: field(z.array(recordingId()), 'Recordings that run now', []),
    models: field(
      z.object({ recognizer: z.string(), embedder: z.string(), notes: z.string() }),
      'What is in use',
      { recognizer: 'moonshine-tiny-en', embedder: 'all-minilm-l6-v2-int8', notes: 'extractive' },
    ),
    pendingJobs: field(z.int().min(0), 'Work that is not done yet', 0),
    cpuMs: durationMs('Processor time the server has used since its start, all threads', 8400).optional(),
    memoryBytes: field(z.int().min(0), 'Resident memory of the server, in bytes', 480_000_000).optional(),
  })
  .meta({ id: 'Status', description: 'The server and what it does' });
export type Status = z.infer<typeof Status>;

export const RecordingPage = z
  .object({
    recordings: field(z.array(Recording), 'Newest first', []),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'RecordingPage', description: 'A page of recordings' });

export const RecordingPatch = z
  .object({
    title: field(z.string().min(1).max(300), 'New title', 'Launch planning').optional(),
    tags: field(z.array(z.string().min(1).max(80)).max(50), 'All tags from now on', ['launch']).optional(),
    speakers: field(
      z.record(z.string().min(1).max(80), z.string().max(80)),
      'Names of speakers, by label; an empty name takes it back. Others stay',
      { me: 'Anna', them: 'Tom' },
    ).optional(),
  })
  .meta({ id: 'RecordingPatch', description: 'What changes' });

export const TranscriptEdit = z
  .object({
    baseRevision: field(z.int().min(1), 'Revision that was edited; a newer one means conflict', 1),
    segments: field(
      z.array(
        z.object({
          id: field(z.string(), 'Segment of the base revision', '1.0.12'),
          text: field(z.string().max(20_000), 'New text; empty removes the segment', 'We launch in March.'),
        }),
      ),
      'Changed segments only',
      [{ id: '1.0.12', text: 'We launch in March.' }],
    ),
  })
  .meta({ id: 'TranscriptEdit', description: 'An edit, which makes a new revision' });

export const TranscriptImport = z
  .object({
    origin: field(RevisionOrigin, 'How the revision came about', 'live'),
    language: language(),
    model: field(z.string().min(1).max(200), 'Recognizer model', 'moonshine-tiny-en'),
    segments: field(z.array(Segment).max(100_000), 'Segments in order of start; they get new ids', []),
  })
  .meta({
    id: 'TranscriptImport',
    description: 'A revision made elsewhere, while this server could not be reached',
  });

export const RecordingImport = z
  .object({
    id: recordingId(),
    source: field(z.string().max(500), 'Where the audio came from', 'talk.mp3'),
    startedAt: timestampMs('When the recording was made'),
    language: language(),
    title: field(z.string().min(1).max(300), 'Title, when the user gave one', 'Launch planning').optional(),
    tags: field(z.array(z.string().min(1).max(80)).max(50), 'Tags', ['archive']),
    template: field(z.string().max(100), 'Notes template', 'meeting'),
    templateText: field(
      z.string().max(20_000),
      'Text of a template of the user’s own',
      '# My notes',
    ).optional(),
    segments: field(
      z
        .array(
          z.object({
            startMs: offsetMs('Start of the segment'),
            endMs: offsetMs('End of the segment', 4800),
            text: field(z.string().min(1).max(20_000), 'What was said', 'We launch in March.'),
            speaker: field(z.string().min(1).max(80), 'Who speaks, where known', 'Ada').optional(),
          }),
        )
        .max(20_000),
      'What was said, in order of start',
      [],
    ),
  })
  .meta({
    id: 'RecordingImport',
    description: 'A recording whose transcript is there already; its audio follows over the live socket',
  });
export type RecordingImport = z.infer<typeof RecordingImport>;

export const NotesRequest = z
  .object({
    template: field(z.string().max(100), 'Template name', 'soap').optional(),
    templateText: field(
      z.string().max(20_000),
      'Text of a template of the user’s own',
      '# My notes',
    ).optional(),
  })
  .meta({ id: 'NotesRequest', description: 'Which notes to write' });

export const RetranscribeRequest = z
  .object({
    model: field(z.string(), 'Recognizer model', 'moonshine-tiny-en').optional(),
    language: field(z.string().regex(/^[a-z]{2}$/), 'Language, ISO 639-1', 'en').optional(),
  })
  .meta({ id: 'RetranscribeRequest', description: 'How to transcribe again; makes a new revision' });

export const RecordingCommand = z
  .object({
    command: field(z.enum(['stop', 'cancel', 'note']), 'What the recording shall do', 'note'),
    text: field(z.string().max(2000), 'Text of a note', 'Alex wants monthly billing').optional(),
  })
  .meta({ id: 'RecordingCommand', description: 'A command to a running recording' });

export const StorageReport = z
  .object({
    recordings: field(z.int().min(0), 'Recordings, discarded ones included', 12),
    audioBytes: field(z.int().min(0), 'Audio on disk, in bytes', 120_000_000),
    databaseBytes: field(z.int().min(0), 'Database, in bytes', 4_000_000),
    modelBytes: field(z.int().min(0), 'Models, in bytes', 70_000_000),
    dataDir: field(z.string(), 'Where it is', '/home/ada/.local/share/speakr'),
  })
  .meta({ id: 'StorageReport', description: 'What is stored and how much' });

export const ActionPage = z
  .object({
    actions: field(
      z.array(
        z.object({
          recordingId: recordingId(),
          title: field(z.string(), 'Title of the recording', 'Launch planning'),
          startedAt: timestampMs('When the recording started'),
          action: ActionItem,
        }),
      ),
      'Newest recording first',
      [],
    ),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'ActionPage', description: 'Action items over all recordings' });

/** Export formats and their media types. */
export const exportTypes = {
  md: 'text/markdown',
  txt: 'text/plain',
  srt: 'application/x-subrip',
  vtt: 'text/vtt',
  json: 'application/json',
} as const;
export const exportFormats = Object.keys(exportTypes) as (keyof typeof exportTypes)[];
export const ExportFormat = z.enum(exportFormats);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const scopeOf = ({ scope, method }: Route): Scope | 'any' =>
  scope ?? (method === 'GET' ? 'read' : 'write');

/** Whether its answer is kept under an Idempotency-Key: what a POST does should not be done twice. */
export const keepsReply = (route: Route): boolean =>
  route.method === 'POST' &&
  // Bytes that are taken as they come cannot be compared with those of before; their ids say that they are the same.
  route.content === undefined &&
  scopeOf(route) !== 'read' &&
  route.isSecret === undefined &&
  route.response !== null &&
  'parse' in route.response;

const byReference = z.object({ recording: reference });
const byJob = z.object({ job: jobReference() });
const byReader = byReference.extend({ user: userName() });
const define = <T extends Record<string, Route>>(routes: T): T => routes;

/** The HTTP API, version 1. The key is the operation id and the name of the client's method. */
export const routes = define({
  getStatus: {
    method: 'GET',
    path: '/v1/status',
    summary: 'The server and what it does',
    scope: 'any',
    status: 200,
    response: Status,
  },
  getIdentity: {
    method: 'GET',
    path: '/v1/identity',
    summary: 'Who asks, as the server sees it',
    scope: 'any',
    status: 200,
    response: Identity,
  },
  listRecordings: {
    method: 'GET',
    path: '/v1/recordings',
    summary: 'Recordings, newest first',
    query: z.object({
      ...page,
      tag: field(
        z.union([z.string(), z.array(z.string())]),
        'Only with all of these tags',
        'launch',
      ).optional(),
      since: field(
        z.coerce.number().int(),
        'Started at or after, ms since the Unix epoch',
        1_795_262_400_000,
      ).optional(),
      until: field(
        z.coerce.number().int(),
        'Started before, ms since the Unix epoch',
        1_795_348_800_000,
      ).optional(),
      cancelled: field(z.enum(['true', 'false']), 'Discarded recordings instead', 'false').optional(),
    }),
    status: 200,
    response: RecordingPage,
  },
  importRecording: {
    method: 'POST',
    path: '/v1/recordings',
    summary: 'Begin a recording with a transcript that is there already; send its audio in mode batch',
    scope: 'record',
    body: RecordingImport,
    status: 201,
    response: Recording,
  },
  getRecording: {
    method: 'GET',
    path: '/v1/recordings/{recording}',
    versioned: true,
    summary: 'One recording',
    params: byReference,
    status: 200,
    response: Recording,
  },
  updateRecording: {
    method: 'PATCH',
    path: '/v1/recordings/{recording}',
    versioned: true,
    summary: 'Change title, tags or the names of speakers',
    params: byReference,
    body: RecordingPatch,
    status: 200,
    response: Recording,
  },
  deleteRecording: {
    method: 'DELETE',
    path: '/v1/recordings/{recording}',
    versioned: true,
    summary: 'Delete for good; destroys its key',
    params: byReference,
    status: 204,
    response: null,
  },
  restoreRecording: {
    method: 'POST',
    path: '/v1/recordings/{recording}/restore',
    summary: 'Take back a cancel within 7 days',
    params: byReference,
    status: 200,
    response: Recording,
  },
  commandRecording: {
    method: 'POST',
    path: '/v1/recordings/{recording}/commands',
    summary: 'Stop, cancel or annotate a running recording',
    params: byReference,
    scope: 'record',
    body: RecordingCommand,
    status: 202,
    response: Recording,
  },
  getTranscript: {
    method: 'GET',
    path: '/v1/recordings/{recording}/transcript',
    versioned: true,
    summary: 'What was said',
    params: byReference,
    query: z.object({
      revision: field(z.coerce.number().int().min(1), 'Revision; the newest when absent', 1).optional(),
    }),
    status: 200,
    response: Transcript,
  },
  listRevisions: {
    method: 'GET',
    path: '/v1/recordings/{recording}/revisions',
    summary: 'Revisions of the transcript, oldest first',
    params: byReference,
    query: z.object(page),
    status: 200,
    response: z
      .object({ revisions: field(z.array(Revision), 'Revisions', []), nextCursor: nextCursor() })
      .meta({ id: 'RevisionList', description: 'How a transcript came about' }),
  },
  editTranscript: {
    method: 'PUT',
    path: '/v1/recordings/{recording}/transcript',
    versioned: true,
    summary: 'Edit: makes a new revision',
    params: byReference,
    body: TranscriptEdit,
    status: 200,
    response: Transcript,
  },
  importTranscript: {
    method: 'POST',
    path: '/v1/recordings/{recording}/transcript',
    summary: 'Add a revision that was made elsewhere; one that is there already is returned as it is',
    params: byReference,
    scope: 'record',
    body: TranscriptImport,
    bodyBytes: 32 * 1024 * 1024,
    status: 200,
    response: Transcript,
  },
  retranscribeRecording: {
    method: 'POST',
    path: '/v1/recordings/{recording}/retranscribe',
    summary: 'Transcribe again: makes a new revision',
    params: byReference,
    body: RetranscribeRequest,
    status: 202,
    response: Recording,
  },
  getNotes: {
    method: 'GET',
    path: '/v1/recordings/{recording}/notes',
    summary: 'The notes',
    params: byReference,
    status: 200,
    response: Notes,
  },
  writeNotes: {
    method: 'POST',
    path: '/v1/recordings/{recording}/notes',
    summary: 'Write the notes again, with another template for example',
    params: byReference,
    body: NotesRequest,
    status: 200,
    response: Notes,
  },
  exportRecording: {
    method: 'GET',
    path: '/v1/recordings/{recording}/export',
    summary: 'The recording as a document',
    params: byReference,
    query: z.object({ format: field(ExportFormat, 'Format', 'md') }),
    status: 200,
    response: Object.values(exportTypes),
  },
  getAudio: {
    method: 'GET',
    path: '/v1/recordings/{recording}/audio',
    summary: 'The audio as WAV, PCM16 mono 16 kHz',
    params: byReference,
    query: z.object({
      track: field(z.coerce.number().int().min(0).max(7), 'Track', 0).optional(),
      fromMs: field(z.coerce.number().int().min(0), 'Start, in ms', 61_250).optional(),
      toMs: field(z.coerce.number().int().min(0), 'End, in ms', 72_000).optional(),
    }),
    ranges: true,
    status: 200,
    response: ['audio/wav'],
  },
  listShares: {
    method: 'GET',
    path: '/v1/recordings/{recording}/shares',
    summary: 'Who may read it',
    params: byReference,
    query: z.object(page),
    status: 200,
    response: ShareList,
  },
  shareRecording: {
    method: 'PUT',
    path: '/v1/recordings/{recording}/shares/{user}',
    summary: 'Let another user read it',
    params: byReader,
    status: 200,
    response: Share,
  },
  unshareRecording: {
    method: 'DELETE',
    path: '/v1/recordings/{recording}/shares/{user}',
    summary: 'Take that back, at once',
    params: byReader,
    status: 204,
    response: null,
  },
  getAuditTrail: {
    method: 'GET',
    path: '/v1/recordings/{recording}/audit',
    summary: 'Who shared and read it',
    params: byReference,
    query: z.object(page),
    status: 200,
    response: AuditTrail,
  },
  listShared: {
    method: 'GET',
    path: '/v1/shared',
    summary: 'Recordings of others that one may read; other routes that only read take their ids',
    query: z.object(page),
    status: 200,
    response: SharedRecordings,
  },
  query: {
    method: 'POST',
    path: '/v1/query',
    summary: 'Search everything recorded',
    scope: 'read',
    body: QueryRequest,
    status: 200,
    response: QueryResponse,
  },
  listActions: {
    method: 'GET',
    path: '/v1/actions',
    summary: 'Action items over all recordings',
    query: z.object({
      ...page,
      done: field(z.enum(['true', 'false', 'all']), 'Which', 'false').optional(),
    }),
    status: 200,
    response: ActionPage,
  },
  updateAction: {
    method: 'PATCH',
    path: '/v1/actions/{action}',
    summary: 'Mark an action item done, or not',
    params: z.object({ action: field(z.string(), 'Action id', '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e.0') }),
    body: z.object({ done: field(z.boolean(), 'Whether it is done', true) }),
    status: 200,
    response: ActionItem,
  },
  uploadFile: {
    method: 'POST',
    path: '/v1/uploads',
    summary: 'Upload a file whole; it becomes a recording',
    query: UploadQuery,
    content: ['application/octet-stream'],
    status: 202,
    response: Upload,
  },
  beginUpload: {
    method: 'POST',
    path: '/v1/uploads/init',
    summary: 'Begin an upload in parts, which can be resumed; the same again changes nothing',
    body: UploadStart,
    status: 201,
    response: Upload,
  },
  getUpload: {
    method: 'GET',
    path: '/v1/uploads/{upload}',
    summary: 'An upload, and which parts are here',
    params: byUpload,
    status: 200,
    response: Upload,
  },
  putUploadPart: {
    method: 'PUT',
    path: '/v1/uploads/{upload}/parts/{part}',
    summary: 'Send a part, in any order; the same again changes nothing',
    params: byPart,
    query: PartQuery,
    content: ['application/octet-stream'],
    status: 200,
    response: UploadPart,
  },
  completeUpload: {
    method: 'POST',
    path: '/v1/uploads/{upload}/complete',
    summary: 'Have a whole upload made a recording',
    params: byUpload,
    body: UploadComplete,
    status: 202,
    response: Upload,
  },
  abortUpload: {
    method: 'DELETE',
    path: '/v1/uploads/{upload}',
    summary: 'Throw away an upload that is not complete',
    params: byUpload,
    status: 204,
    response: null,
  },
  listJobs: {
    method: 'GET',
    path: '/v1/jobs',
    summary: 'Work in the background, newest first',
    query: JobQuery,
    status: 200,
    response: JobPage,
  },
  getJob: {
    method: 'GET',
    path: '/v1/jobs/{job}',
    summary: 'One job and what was tried',
    params: byJob,
    status: 200,
    response: Job,
  },
  cancelJob: {
    method: 'POST',
    path: '/v1/jobs/{job}/cancel',
    summary: 'Stop a job that has not ended; what runs is told to stop',
    params: byJob,
    status: 202,
    response: Job,
  },
  retryJob: {
    method: 'POST',
    path: '/v1/jobs/{job}/retry',
    summary: 'Try a job again that failed or was cancelled',
    params: byJob,
    status: 202,
    response: Job,
  },
  getVocabulary: {
    method: 'GET',
    path: '/v1/vocabulary',
    versioned: true,
    summary: 'Terms that recognition and notes should know',
    status: 200,
    response: Vocabulary,
  },
  changeVocabulary: {
    method: 'PATCH',
    path: '/v1/vocabulary',
    versioned: true,
    summary: 'Add or remove terms',
    body: VocabularyChange,
    status: 200,
    response: Vocabulary,
  },
  listKeys: {
    method: 'GET',
    path: '/v1/keys',
    summary: 'API keys, newest first',
    scope: 'admin',
    query: z.object(page),
    status: 200,
    response: ApiKeyList,
  },
  createKey: {
    method: 'POST',
    path: '/v1/keys',
    summary: 'Make an API key',
    isSecret: true,
    scope: 'admin',
    body: ApiKeyRequest,
    status: 201,
    response: NewApiKey,
  },
  revokeKey: {
    method: 'DELETE',
    path: '/v1/keys/{key}',
    summary: 'Revoke an API key; it ends within five seconds',
    scope: 'admin',
    params: byKey,
    status: 204,
    response: null,
  },
  getAccountAudit: {
    method: 'GET',
    path: '/v1/audit',
    summary: 'Who did what with everything that is yours, newest first',
    scope: 'admin',
    query: z.object(page),
    status: 200,
    response: AccountAudit,
  },
  exportAccount: {
    method: 'GET',
    path: '/v1/account/export',
    summary: 'Everything that is yours, as one tar archive that is written as it is read',
    scope: 'admin',
    query: ExportQuery,
    status: 200,
    response: ['application/x-tar'],
  },
  eraseAccount: {
    method: 'DELETE',
    path: '/v1/account',
    summary: 'Erase everything that is yours and destroy its keys; what is being recorded is discarded first',
    scope: 'admin',
    query: ErasureQuery,
    status: 200,
    response: Erasure,
  },
  getPolicy: {
    method: 'GET',
    path: '/v1/account/policy',
    summary: 'How long your recordings are kept, how much you may ask for, what is left out',
    status: 200,
    response: OwnPolicy,
  },
  getStorage: {
    method: 'GET',
    path: '/v1/storage',
    summary: 'What is stored and how much',
    status: 200,
    response: StorageReport,
  },
  ...adminRoutes,
});
export type RouteName = keyof typeof routes;

/** Path of the live socket. */
export const STREAM_PATH = '/ws/transcribe';
