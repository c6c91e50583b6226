// Written by scripts/generate-contracts.ts from contracts/api.ts. Do not edit.

/** Who did what with everything that is yours: a page */
export type AccountAudit = {
  /** Newest first */
  entries: (AuditEntry)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** Something somebody has to do */
export type ActionItem = {
  /** One statement */
  text: string;
  /** What it rests on */
  evidence: (Evidence)[];
  /** Action id, unique for the owner */
  id: string;
  /** What is to be done */
  what: string;
  /** Who does it; "unknown" when nobody was named */
  who: string;
  /** Until when, as said; "unknown" when no time was named */
  when: string;
  /** The same as a date, where it can be told */
  dueOn?: string;
  /** Whether it has been marked done */
  done: boolean;
};

/** Action items over all recordings */
export type ActionPage = {
  /** Newest recording first */
  actions: ({
    /** Recording id: UUIDv7 made by the client that records. */
    recordingId: string;
    /** Title of the recording */
    title: string;
    /** When the recording started, in ms since the Unix epoch (UTC) */
    startedAt: number;
    action: ActionItem;
  })[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** Who did what with whose data: a page */
export type AdminAudit = {
  /** Newest first, with whose data each is about */
  entries: ({
    /** When, in ms since the Unix epoch (UTC) */
    at: number;
    /** User, as the server knows them */
    actor: string;
    /** What was done */
    action: "recording.shared" | "recording.unshared" | "recording.read" | "transcript.read" | "notes.read" | "audio.read" | "document.read" | "search.hit" | "actions.read" | "captions.read" | "key.created" | "key.revoked" | "account.exported" | "account.erased" | "recording.expired" | "policy.changed" | "model.registered" | "model.removed" | "model.evaluated" | "model.promoted" | "model.rolled_back" | "dead_letters.replayed";
    /** User, as the server knows them */
    reader?: string;
    /** Recording id: UUIDv7 made by the client that records. */
    recordingId?: string;
    /** Id of the API key it was done to */
    key?: string;
    /** Which model, tenant or consumer an administrator did it to */
    about?: string;
    /** User, as the server knows them */
    user: string;
  })[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** A sentence with its citations */
export type AnswerSentence = {
  /** One sentence of the answer */
  text: string;
  /** Indexes of the hits that bear it */
  hits: (number)[];
};

/** A key that stands for its owner */
export type ApiKey = {
  /** Id of the key */
  id: string;
  /** What it is for */
  name: string;
  /** What it may do */
  scopes: ("read" | "write" | "record" | "admin")[];
  /** When it was made, in ms since the Unix epoch (UTC) */
  createdAt: number;
  /** Until when it is valid, in ms since the Unix epoch (UTC) */
  expiresAt: number;
  /** When it was revoked, in ms since the Unix epoch (UTC) */
  revokedAt?: number;
  /** When it was last used, within ten minutes, in ms since the Unix epoch (UTC) */
  usedAt?: number;
};

/** The API keys of a user, with those that are not valid any more */
export type ApiKeyList = {
  /** Newest first */
  keys: (ApiKey)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** A key to be made */
export type ApiKeyRequest = {
  /** What it is for */
  name: string;
  /** What it may do */
  scopes: ("read" | "write" | "record" | "admin")[];
  /** How long it is valid, in days; 90 when absent */
  expiresInDays?: number;
};

/** Something that was done about a recording, and by whom */
export type AuditEntry = {
  /** When, in ms since the Unix epoch (UTC) */
  at: number;
  /** User, as the server knows them */
  actor: string;
  /** What was done */
  action: "recording.shared" | "recording.unshared" | "recording.read" | "transcript.read" | "notes.read" | "audio.read" | "document.read" | "search.hit" | "actions.read" | "captions.read" | "key.created" | "key.revoked" | "account.exported" | "account.erased" | "recording.expired" | "policy.changed" | "model.registered" | "model.removed" | "model.evaluated" | "model.promoted" | "model.rolled_back" | "dead_letters.replayed";
  /** User, as the server knows them */
  reader?: string;
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId?: string;
  /** Id of the API key it was done to */
  key?: string;
  /** Which model, tenant or consumer an administrator did it to */
  about?: string;
};

/** Who shared and read a recording */
export type AuditTrail = {
  /** Newest first */
  entries: (AuditEntry)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** Messages that a consumer has failed at five times: a page */
export type DeadLetterPage = {
  /** Oldest first */
  deadLetters: ({
    /** Who gave it up */
    consumer: string;
    /** Code or name of the last error */
    error: string;
    /** The message: ids and numbers */
    message: Record<string, unknown>;
  })[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** What holds for a user: all of it */
export type EffectivePolicy = {
  /** Recordings that began so many days ago are deleted; 0: no limit */
  retentionDays: number;
  /** The oldest recordings are deleted until the audio of the others takes no more, bytes; 0: no limit */
  retentionBytes: number;
  /** Requests a minute; 0: no limit */
  requestsPerMinute: number;
  /** Recordings that are fed at once; 0: no limit */
  liveSessions: number;
  /** Recordings that have not come to their end; 0: no limit */
  unfinishedRecordings: number;
  /** Longest recording, in ms; 0: no limit */
  recordingMs: number;
  /** Largest upload, bytes; 0: no limit */
  uploadBytes: number;
  /** Longest upload, in ms; 0: no limit */
  uploadMs: number;
  /** Personal data that is left out before anything is stored */
  redaction: ("card" | "phone" | "email" | "iban" | "id" | "ip" | "name")[];
};

/** What there was of a user, and is no more */
export type Erasure = {
  /** User, as the server knows them */
  user: string;
  /** Recordings, with everything that belongs to them */
  recordings: number;
  /** Uploads that were under way or had been read */
  uploads: number;
  /** API keys */
  keys: number;
  /** Shares with others, and of others */
  shares: number;
  /** Entries of the audit log that name nobody any more */
  auditEntries: number;
};

/** How good a model was */
export type Evaluation = {
  /** Word error rate, or mean reciprocal rank of the first ten */
  metric: "wer" | "mrr";
  /** What was measured, as a share */
  value: number;
  /** Words of the references, or questions */
  samples: number;
  /** SHA-256 of what it was measured on: only figures of the same set are compared */
  set: string;
  /** When it was measured, in ms since the Unix epoch (UTC) */
  measuredAt: number;
  /** User, as the server knows them */
  by: string;
};

/** The span of speech a statement rests on */
export type Evidence = {
  /** Transcript revision the segment belongs to */
  revision: number;
  /** Segment id: revision.track.index */
  segmentId: string;
  /** Start of the span, in ms since the first captured sample */
  startMs: number;
  /** End of the span, in ms since the first captured sample */
  endMs: number;
};

/** A span of time of which no audio was captured */
export type Gap = {
  /** Track number */
  track: number;
  /** Where the gap starts, in ms since the first captured sample */
  startMs: number;
  /** How long nothing was captured, in ms */
  durationMs: number;
  /** Why nothing was captured */
  reason: "overrun" | "device_lost" | "disk_full" | "crash" | "sleep" | "source_truncated" | "unknown";
};

/** Who asks, as the server sees it */
export type Identity = {
  /** User, as the server knows them */
  user: string;
  /** What the caller may do */
  scopes: ("read" | "write" | "record" | "admin")[];
  /** What the caller is besides; absent: nothing */
  roles?: ("admin")[];
  /** How the caller proved it: a token of the server, a login (JWT), an API key, or the legacy header */
  method: "token" | "login" | "key" | "header";
};

/** Work in the background, and what became of it */
export type Job = {
  /** Job id, a UUIDv7 */
  id: string;
  /** What is done */
  kind: "ingestion" | "transcription" | "embedding" | "notes" | "archive";
  /** Where it stands */
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId: string;
  /** Transcript revision it is about, where it is about one */
  revision?: number;
  /** Share that is done, where it is known */
  progress?: number;
  /** Whether it was told to stop; it is cancelled when it has stopped, or ends as it would have */
  cancelRequested?: boolean;
  /** What was tried, oldest first; the last 20 */
  attempts: (JobAttempt)[];
  /** Error code of the last failure, until it succeeds */
  failure?: string;
  /** When it was asked for, in ms since the Unix epoch (UTC) */
  createdAt: number;
  /** When it last changed, in ms since the Unix epoch (UTC) */
  updatedAt: number;
  /** When it succeeded, failed for good or was cancelled, in ms since the Unix epoch (UTC) */
  endedAt?: number;
};

/** One try of a job */
export type JobAttempt = {
  /** When it began, in ms since the Unix epoch (UTC) */
  startedAt: number;
  /** When it ended; absent while it runs, in ms since the Unix epoch (UTC) */
  endedAt?: number;
  /** How it ended; interrupted when its process stopped or died */
  outcome?: "succeeded" | "failed" | "cancelled" | "interrupted";
  /** Error code of a failure */
  code?: string;
};

/** A page of jobs */
export type JobPage = {
  /** Newest first */
  jobs: (Job)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** Work in the background of everybody */
export type JobStatistics = {
  /** Jobs of everybody by kind and state, as far as they are kept (30 days after their end) */
  counts: ({
    /** What is done */
    kind: "ingestion" | "transcription" | "embedding" | "notes" | "archive";
    /** Where they stand */
    state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
    /** How many */
    jobs: number;
  })[];
  /** From the wish to the end, of the last 500 that succeeded of each kind */
  durations: ({
    /** What is done */
    kind: "ingestion" | "transcription" | "embedding" | "notes" | "archive";
    /** How many were measured */
    count: number;
    /** Half took no longer, in ms */
    p50Ms: number;
    /** 95 of 100 took no longer, in ms */
    p95Ms: number;
    /** 99 of 100 took no longer, in ms */
    p99Ms: number;
    /** Longest wait for the first try among them, in ms */
    worstWaitMs: number;
  })[];
  /** Since when the oldest job waits or runs; absent when none does, in ms since the Unix epoch (UTC) */
  oldestOpenAt?: number;
  /** What the broker has for each consumer of the fleet */
  queues: ({
    /** Consumer */
    consumer: string;
    /** Messages that wait */
    waiting: number;
    /** Messages under way */
    underWay: number;
    /** Messages that were given up */
    dead: number;
  })[];
  /** Messages that transactions have written and the broker does not have yet */
  unsent: number;
};

/** How the weights are run */
export type ModelOptions = {
  /** Most worker threads of a recognizer */
  maxWorkers?: number;
  /** Length of vectors: of `hash` any, of others their first components */
  dimensions?: number;
};

/** A model to be registered */
export type ModelRegistration = {
  /** Id of the registered model: lower-case letters, digits and ._- */
  id: string;
  /** What it does */
  kind: "recognizer" | "embedder";
  /** A model of the catalogue; http://host/v1#MODEL of a speech server; or `hash`, an embedder that only compares words */
  weights: string;
  /** How they are run */
  options?: ModelOptions;
};

/** Models that can serve, and what was put in whose place */
export type ModelRegistry = {
  /** Those of the settings first */
  models: (RegisteredModel)[];
  /** Newest first, at most 50 */
  promotions: (Promotion)[];
};

/** Something the user did during the recording */
export type Moment = {
  /** When it was marked, in ms since the first captured sample */
  atMs: number;
  /** What it is */
  kind: "mark" | "note" | "pause" | "resume";
  /** What was typed; empty for a bare mark */
  text: string;
};

/** A key that was just made */
export type NewApiKey = {
  /** Id of the key */
  id: string;
  /** What it is for */
  name: string;
  /** What it may do */
  scopes: ("read" | "write" | "record" | "admin")[];
  /** When it was made, in ms since the Unix epoch (UTC) */
  createdAt: number;
  /** Until when it is valid, in ms since the Unix epoch (UTC) */
  expiresAt: number;
  /** When it was revoked, in ms since the Unix epoch (UTC) */
  revokedAt?: number;
  /** When it was last used, within ten minutes, in ms since the Unix epoch (UTC) */
  usedAt?: number;
  /** The key itself: said once, and not kept */
  key: string;
};

/** What `speakr admin models evaluate` has measured */
export type NewEvaluation = {
  /** Word error rate, or mean reciprocal rank of the first ten */
  metric: "wer" | "mrr";
  /** What was measured, as a share */
  value: number;
  /** Words of the references, or questions */
  samples: number;
  /** SHA-256 of what it was measured on: only figures of the same set are compared */
  set: string;
};

/** Notes of one recording */
export type Notes = {
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId: string;
  /** Transcript revision the notes were made from */
  revision: number;
  /** Template */
  template: string;
  /** "extractive", or the language model */
  writer: string;
  /** True when a language model was configured but failed */
  fellBack: boolean;
  /** Lines of the language model that no evidence bore */
  droppedLines: number;
  /** When the notes were made, in ms since the Unix epoch (UTC) */
  generatedAt: number;
  /** Sections in the order of the template */
  sections: (NotesSection)[];
  /** Action items */
  actions: (ActionItem)[];
  /** The notes as Markdown */
  markdown: string;
};

/** A statement of the notes with its evidence */
export type NotesLine = {
  /** One statement */
  text: string;
  /** What it rests on */
  evidence: (Evidence)[];
};

/** Which notes to write */
export type NotesRequest = {
  /** Template name */
  template?: string;
  /** Text of a template of the user’s own */
  templateText?: string;
};

/** A section of the notes as its template orders it */
export type NotesSection = {
  /** Stable name of the section */
  id: string;
  /** Heading as shown */
  heading: string;
  /** Statements */
  lines: (NotesLine)[];
};

/** What holds for whoever asks */
export type OwnPolicy = {
  /** Tenant: any name */
  tenant?: string;
  holds: EffectivePolicy;
};

/** Rolling percentiles over all processes; exact to 5 % */
export type Performance = {
  /** How far back it looks, in ms */
  windowMs: number;
  /** Live processes whose measurements are in it */
  processes: number;
  /** What was measured, by name; what nobody did is not there */
  operations: ({
    /** Metric, as in docs/operations.md */
    name: string;
    /** Which part of it: consumer, priority, kind or operation */
    part?: string;
    /** How many were measured */
    count: number;
    /** Half took no longer, in ms */
    p50Ms: number;
    /** 95 of 100 took no longer, in ms */
    p95Ms: number;
    /** 99 of 100 took no longer, in ms */
    p99Ms: number;
  })[];
};

/** How long recordings are kept, how much may be asked for, what is left out */
export type Policy = {
  /** Whether it is for a user or for everybody of a tenant */
  scope: "users" | "tenants";
  /** Which one */
  name: string;
  /** Tenant: any name */
  tenant?: string;
  set: PolicyValues;
  holds: EffectivePolicy;
  /** When it was last changed; absent: never, in ms since the Unix epoch (UTC) */
  changedAt?: number;
  /** User, as the server knows them */
  changedBy?: string;
};

/** What shall be set; null takes back, what is absent stays. `tenant` is for users only */
export type PolicyChange = {
  /** Recordings that began so many days ago are deleted; 0: no limit */
  retentionDays?: number | null;
  /** The oldest recordings are deleted until the audio of the others takes no more, bytes; 0: no limit */
  retentionBytes?: number | null;
  /** Requests a minute; 0: no limit */
  requestsPerMinute?: number | null;
  /** Recordings that are fed at once; 0: no limit */
  liveSessions?: number | null;
  /** Recordings that have not come to their end; 0: no limit */
  unfinishedRecordings?: number | null;
  /** Longest recording, in ms; 0: no limit */
  recordingMs?: number | null;
  /** Largest upload, bytes; 0: no limit */
  uploadBytes?: number | null;
  /** Longest upload, in ms; 0: no limit */
  uploadMs?: number | null;
  /** Personal data that is left out before anything is stored */
  redaction?: ("card" | "phone" | "email" | "iban" | "id" | "ip" | "name")[] | null;
  /** Tenant: any name */
  tenant?: string | null;
};

/** Policies that differ from the settings: a page */
export type PolicyPage = {
  /** Those that were ever set, tenants first, by name */
  policies: (Policy)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** What was set; the rest comes from the tenant, then from the settings */
export type PolicyValues = {
  /** Recordings that began so many days ago are deleted; 0: no limit */
  retentionDays?: number;
  /** The oldest recordings are deleted until the audio of the others takes no more, bytes; 0: no limit */
  retentionBytes?: number;
  /** Requests a minute; 0: no limit */
  requestsPerMinute?: number;
  /** Recordings that are fed at once; 0: no limit */
  liveSessions?: number;
  /** Recordings that have not come to their end; 0: no limit */
  unfinishedRecordings?: number;
  /** Longest recording, in ms; 0: no limit */
  recordingMs?: number;
  /** Largest upload, bytes; 0: no limit */
  uploadBytes?: number;
  /** Longest upload, in ms; 0: no limit */
  uploadMs?: number;
  /** Personal data that is left out before anything is stored */
  redaction?: ("card" | "phone" | "email" | "iban" | "id" | "ip" | "name")[];
};

/** A model that was put in the place of another */
export type Promotion = {
  /** What was exchanged */
  kind: "recognizer" | "embedder";
  /** Id of the registered model: lower-case letters, digits and ._- */
  model: string;
  /** What it took the place of */
  previous: string;
  /** Serving; vectors are still being made and the previous one serves; replaced by a later one; given up */
  state: "active" | "switching" | "replaced" | "cancelled";
  /** Why */
  reason: "promotion" | "rollback";
  /** Share of the recordings that have new vectors */
  progress: number;
  /** When it was asked for, in ms since the Unix epoch (UTC) */
  at: number;
  /** User, as the server knows them */
  by: string;
  /** Since when it serves; absent before, in ms since the Unix epoch (UTC) */
  activeAt?: number;
};

/** A passage that may answer the question */
export type QueryHit = {
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId: string;
  /** Title of the recording */
  title: string;
  /** When the recording started, in ms since the Unix epoch (UTC) */
  startedAt: number;
  /** Start of the passage, in ms since the first captured sample */
  startMs: number;
  /** End of the passage, in ms since the first captured sample */
  endMs: number;
  /** What was said there */
  text: string;
  /** Who speaks, where known */
  speaker?: string;
  /** Rank score, higher is better; comparable within one answer only */
  score: number;
  /** Tags of the recording */
  tags: (string)[];
  /** Present when the recording still runs */
  running?: true;
};

/** A question to everything recorded */
export type QueryRequest = {
  /** What to look for, in plain words */
  question: string;
  /** Only recordings that carry all of these tags */
  tags?: (string)[];
  /** Only recordings started at or after, in ms since the Unix epoch (UTC) */
  since?: number;
  /** Only recordings started before, in ms since the Unix epoch (UTC) */
  until?: number;
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId?: string;
  /** Whether recordings that run right now are searched too, up to their last final; true when absent */
  live?: boolean;
  /** How many passages at the most */
  limit?: number;
  /** Which half of the search decides; hybrid unless measuring */
  ranking?: "hybrid" | "dense" | "keyword";
};

/** Passages and, where a language model is configured, a written answer */
export type QueryResponse = {
  /** The question */
  question: string;
  /** Written by the language model, when one is configured */
  answer?: (AnswerSentence)[];
  /** Passages, best first */
  hits: (QueryHit)[];
  /** How long it took */
  timings: {
    /** Embedding of the question, in ms */
    embedMs: number;
    /** Search and ranking, in ms */
    searchMs: number;
    /** Writing of the answer, in ms */
    answerMs: number;
    /** All of it, in ms */
    totalMs: number;
  };
};

/** Limits that hold for everybody, and who uses them */
export type Quotas = {
  /** Requests of a user a minute; 0: no limit */
  requestsPerMinute: number;
  /** Requests from an address a minute; 0: no limit */
  requestsPerMinuteOfAddress: number;
  /** Recordings of a user that are fed at once; 0: no limit */
  liveSessions: number;
  /** Recordings of a user that have not come to their end; 0: no limit */
  unfinishedRecordings: number;
  /** Longest recording; 0: no limit, in ms */
  recordingMs: number;
  /** Largest upload, bytes */
  uploadBytes: number;
  /** Longest upload, in ms */
  uploadMs: number;
  /** Who uses places for live recordings, most first; at most 100 */
  liveSessionsInUse: ({
    /** User, as the server knows them */
    user: string;
    /** Recordings that are fed */
    sessions: number;
  })[];
};

/** What became of the audio */
export type Receipt = {
  /** Audio captured from the device or file, in ms */
  capturedMs: number;
  /** Audio written to the client’s disk, in ms */
  spooledMs: number;
  /** Audio durable on the server, in ms */
  acknowledgedMs: number;
  /** Audio the recognizer has been through, in ms */
  transcribedMs: number;
  /** Spans that were not captured */
  gaps: (Gap)[];
  /** What the microphone heard of the loudspeakers: in the audio, left out of the text */
  echo?: {
    /** How many */
    segments: number;
    /** Their length, in ms */
    durationMs: number;
  };
};

/** One recording and where it stands */
export type Recording = {
  /** Recording id: UUIDv7 made by the client that records. */
  id: string;
  /** Title; made from the content when none was given */
  title: string;
  /** Where the title comes from */
  titleSource: "user" | "content" | "time";
  /** Tags */
  tags: (string)[];
  /** Where the recording stands */
  state: "recording" | "processing" | "ready" | "failed" | "cancelled";
  /** Recorded live, or transcribed from a file */
  mode: "live" | "batch";
  /** Spoken language, ISO 639-1, two lower-case letters */
  language: string;
  /** Recognizer model of the newest revision */
  model: string;
  /** Template of the notes */
  template: string;
  /** Where the audio came from: microphone or file name */
  source: string;
  /** When the first sample was captured, in ms since the Unix epoch (UTC) */
  startedAt: number;
  /** When the recording was created, in ms since the Unix epoch (UTC) */
  createdAt: number;
  /** When the recording last changed, in ms since the Unix epoch (UTC) */
  updatedAt: number;
  /** When it was discarded; it can be restored for 7 days, in ms since the Unix epoch (UTC) */
  cancelledAt?: number;
  /** Length of the longest track, in ms */
  durationMs: number;
  /** Tracks */
  tracks: (Track)[];
  /** Names of the speakers, by the label of their track or voice */
  speakers?: Record<string, string>;
  /** Newest complete or growing transcript revision; 0 before the first word */
  revision: number;
  receipt: Receipt;
  /** Marks and notes of the user */
  moments: (Moment)[];
  /** Error code of the last transcription, when it failed */
  failure?: string;
};

/** A command to a running recording */
export type RecordingCommand = {
  /** What the recording shall do */
  command: "stop" | "cancel" | "note";
  /** Text of a note */
  text?: string;
};

/** A recording whose transcript is there already; its audio follows over the live socket */
export type RecordingImport = {
  /** Recording id: UUIDv7 made by the client that records. */
  id: string;
  /** Where the audio came from */
  source: string;
  /** When the recording was made, in ms since the Unix epoch (UTC) */
  startedAt: number;
  /** Spoken language, ISO 639-1, two lower-case letters */
  language: string;
  /** Title, when the user gave one */
  title?: string;
  /** Tags */
  tags: (string)[];
  /** Notes template */
  template: string;
  /** Text of a template of the user’s own */
  templateText?: string;
  /** What was said, in order of start */
  segments: ({
    /** Start of the segment, in ms since the first captured sample */
    startMs: number;
    /** End of the segment, in ms since the first captured sample */
    endMs: number;
    /** What was said */
    text: string;
    /** Who speaks, where known */
    speaker?: string;
  })[];
};

/** A page of recordings */
export type RecordingPage = {
  /** Newest first */
  recordings: (Recording)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** What changes */
export type RecordingPatch = {
  /** New title */
  title?: string;
  /** All tags from now on */
  tags?: (string)[];
  /** Names of speakers, by label; an empty name takes it back. Others stay */
  speakers?: Record<string, string>;
};

/** A model that can serve */
export type RegisteredModel = {
  /** Id */
  id: string;
  /** What it does */
  kind: "recognizer" | "embedder";
  /** What it is made of */
  weights: string;
  /** How it is run */
  options: ModelOptions;
  /** Whether the settings name it, without registration */
  builtIn: boolean;
  /** Whether new work gets it */
  serving: boolean;
  /** Newest first, at most 20 */
  evaluations: (Evaluation)[];
};

/** Which dead letters; all of them when nothing is said */
export type ReplayRequest = {
  /** Consumer */
  consumer?: string;
  /** Id of the message */
  message?: string;
};

/** What a replay did */
export type Replayed = {
  /** How many are delivered again */
  replayed: number;
};

/** How to transcribe again; makes a new revision */
export type RetranscribeRequest = {
  /** Recognizer model */
  model?: string;
  /** Language, ISO 639-1 */
  language?: string;
};

/** What an embedder is evaluated on; not kept */
export type RetrievalSet = {
  /** What was said */
  passages: (string)[];
  /** Questions with their answers */
  questions: ({
    /** A question */
    question: string;
    /** Number of the passage that answers it */
    passage: number;
  })[];
  /** SHA-256 of what it was measured on: only figures of the same set are compared */
  set: string;
};

/** A revision without its text */
export type Revision = {
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId: string;
  /** Revision; 1 is the first */
  revision: number;
  /** How the revision came about */
  origin: "live" | "batch" | "second-pass" | "edit" | "retranscription" | "import" | "post-processing";
  /** False while the recording still runs */
  complete: boolean;
  /** Spoken language, ISO 639-1, two lower-case letters */
  language: string;
  /** Recognizer model */
  model: string;
  /** When the revision was begun, in ms since the Unix epoch (UTC) */
  createdAt: number;
};

/** How a transcript came about */
export type RevisionList = {
  /** Revisions */
  revisions: (Revision)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** What to take back */
export type RollbackRequest = {
  /** What shall serve again as before */
  kind: "recognizer" | "embedder";
};

/** A stretch of speech between two pauses */
export type Segment = {
  /** Segment id, unique in the recording: revision.track.index */
  id: string;
  /** Track number */
  track: number;
  /** Start of the segment, in ms since the first captured sample */
  startMs: number;
  /** End of the segment, in ms since the first captured sample */
  endMs: number;
  /** What was said */
  text: string;
  /** Who speaks, where known */
  speaker?: string;
  /** Words with times */
  words?: (Word)[];
};

/** Somebody who may read a recording of somebody else */
export type Share = {
  /** User, as the server knows them */
  reader: string;
  /** Since when, in ms since the Unix epoch (UTC) */
  sharedAt: number;
};

/** Who may read a recording */
export type ShareList = {
  /** Oldest first */
  shares: (Share)[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** Recordings of others that one may read */
export type SharedRecordings = {
  /** Newest first, with whose they are */
  recordings: ({
    /** User, as the server knows them */
    owner: string;
    recording: Recording;
  })[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** The server and what it does */
export type Status = {
  /** Version of the server */
  version: string;
  /** Stream protocol version */
  protocol: number;
  /** Profile */
  profile: "embedded" | "hosted";
  /** Time since start, in ms */
  uptimeMs: number;
  /** Recordings that run now */
  running: (string)[];
  /** What is in use */
  models: {
    recognizer: string;
    embedder: string;
    notes: string;
  };
  /** Work that is not done yet */
  pendingJobs: number;
  /** Processor time the server has used since its start, all threads, in ms */
  cpuMs?: number;
  /** Resident memory of the server, in bytes */
  memoryBytes?: number;
};

/** What is stored and how much */
export type StorageReport = {
  /** Recordings, discarded ones included */
  recordings: number;
  /** Audio on disk, in bytes */
  audioBytes: number;
  /** Database, in bytes */
  databaseBytes: number;
  /** Models, in bytes */
  modelBytes: number;
  /** Where it is */
  dataDir: string;
};

/** The processes and services that make up the server */
export type SystemHealth = {
  /** Whether every check holds, every role has a live process and every model is there */
  healthy: boolean;
  /** Version of the process that answers */
  version: string;
  /** Profile */
  profile: "embedded" | "hosted";
  /** Since the process that answers has started, in ms */
  uptimeMs: number;
  /** Services behind the server */
  checks: ({
    /** What was asked */
    name: string;
    /** Whether it answered in time */
    ok: boolean;
    /** Time to the answer, in ms */
    tookMs: number;
  })[];
  /** Processes of the fleet by their heartbeats, those of the last five minutes */
  processes: ({
    /** Process, new at every start */
    id: string;
    /** What it works on */
    roles: (string)[];
    /** Its version */
    version: string;
    /** Since when it runs, in ms since the Unix epoch (UTC) */
    startedAt: number;
    /** Its last heartbeat, by its own clock, in ms since the Unix epoch (UTC) */
    seenAt: number;
    /** Whether that was in the last 30 s */
    alive: boolean;
    /** Resident memory, bytes */
    memoryBytes: number;
    /** Models that its roles need */
    models: ({
      /** Model */
      model: string;
      /** Whether its files are there and of the right size on that machine; every byte is checked when it is loaded */
      state: "installed" | "missing" | "invalid" | "elsewhere";
    })[];
  })[];
  /** Roles that no live process has */
  missingRoles: (string)[];
  /** Versions that run, more than one during a rollout */
  versions: (string)[];
  /** Messages that wait or are under way */
  queueDepth: number;
  /** Messages that were given up */
  deadLetters: number;
};

/** One channel of audio of a recording */
export type Track = {
  /** Track number within the recording */
  track: number;
  /** Who or what is on the track */
  label: string;
  /** A microphone, what the computer plays, or a file */
  kind?: "microphone" | "system" | "file";
  /** Samples of PCM16 mono 16 kHz received and durable */
  samples: number;
};

/** One revision of what was said */
export type Transcript = {
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId: string;
  /** Revision; 1 is the first */
  revision: number;
  /** How the revision came about */
  origin: "live" | "batch" | "second-pass" | "edit" | "retranscription" | "import" | "post-processing";
  /** False while the recording still runs */
  complete: boolean;
  /** Spoken language, ISO 639-1, two lower-case letters */
  language: string;
  /** Recognizer model */
  model: string;
  /** When the revision was begun, in ms since the Unix epoch (UTC) */
  createdAt: number;
  /** Segments in order of start */
  segments: (Segment)[];
};

/** An edit, which makes a new revision */
export type TranscriptEdit = {
  /** Revision that was edited; a newer one means conflict */
  baseRevision: number;
  /** Changed segments only */
  segments: ({
    /** Segment of the base revision */
    id: string;
    /** New text; empty removes the segment */
    text: string;
  })[];
};

/** A revision made elsewhere, while this server could not be reached */
export type TranscriptImport = {
  /** How the revision came about */
  origin: "live" | "batch" | "second-pass" | "edit" | "retranscription" | "import" | "post-processing";
  /** Spoken language, ISO 639-1, two lower-case letters */
  language: string;
  /** Recognizer model */
  model: string;
  /** Segments in order of start; they get new ids */
  segments: (Segment)[];
};

/** A file on its way to a recording */
export type Upload = {
  /** Upload id: UUIDv7 made by the client, so that beginning it again changes nothing */
  id: string;
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId: string;
  /** open: parts are taken; complete: all is here and waits to be read; ingested: its audio is in the recording; failed: it cannot be read */
  state: "open" | "complete" | "ingested" | "failed";
  /** Parts that are here, in order */
  parts: (UploadPart)[];
  /** Size of all parts, in bytes */
  bytes: number;
  /** Size that a part should have, in bytes */
  partBytes: number;
  /** Largest file, in bytes */
  maxBytes: number;
  /** Longest audio, in ms */
  maxDurationMs: number;
  /** When it is thrown away if nothing more comes, in ms since the Unix epoch (UTC) */
  expiresAt: number;
  /** Job that reads it, once it is complete */
  jobId?: string;
};

/** The end of an upload */
export type UploadComplete = {
  /** How many parts the file has */
  parts: number;
};

/** A part of a file that is here */
export type UploadPart = {
  /** Number of the part, from 1 */
  part: number;
  /** Size of the part, in bytes */
  bytes: number;
};

/** A file that will be uploaded, and the recording it shall become */
export type UploadStart = {
  /** Upload id: UUIDv7 made by the client, so that beginning it again changes nothing */
  id: string;
  /** Recording id: UUIDv7 made by the client that records. */
  recordingId: string;
  /** Name of the file; what it is is found out from its content */
  name: string;
  /** Spoken language, ISO 639-1, two lower-case letters */
  language?: string;
  /** Recognizer model */
  model?: string;
  /** Notes template */
  template?: string;
  /** Title; made from the content when none is given */
  title?: string;
  /** When the recording was made; now when absent, in ms since the Unix epoch (UTC) */
  startedAt?: number;
  /** Tags */
  tags?: (string)[];
  /** Text of a template of the user’s own */
  templateText?: string;
  /** Names and terms to expect */
  vocabulary?: (string)[];
};

/** A page of users; nothing of what they said or named */
export type UserPage = {
  /** By name */
  users: ({
    /** User, as the server knows them */
    user: string;
    /** When the server met them, in ms since the Unix epoch (UTC) */
    createdAt: number;
    /** Recordings, without those that were discarded */
    recordings: number;
    /** Length of those, in ms */
    audioMs: number;
    /** Start of the newest; absent when there is none, in ms since the Unix epoch (UTC) */
    lastRecordingAt?: number;
    /** Jobs that wait or run */
    openJobs: number;
    /** Recordings that are fed right now */
    liveSessions: number;
  })[];
  /** Pass as cursor for the next page; absent on the last */
  nextCursor?: string;
};

/** The terms of a user */
export type Vocabulary = {
  /** Terms in the order in which they were added */
  terms: (VocabularyTerm)[];
};

/** What changes in the vocabulary */
export type VocabularyChange = {
  /** Terms to add; those that are there already stay as they are */
  add?: (VocabularyTerm)[];
  /** Terms to remove, with their tag */
  remove?: (VocabularyTerm)[];
};

/** A term that recognition and notes should know */
export type VocabularyTerm = {
  /** A name or a term as it is spelled */
  term: string;
  /** Only for recordings with this tag; absent: for all */
  tag?: string;
};

/** A word with its times */
export type Word = {
  /** The word as written, with its punctuation */
  text: string;
  /** Start of the word, in ms since the first captured sample */
  startMs: number;
  /** End of the word, in ms since the first captured sample */
  endMs: number;
  /** True when the times are interpolated, not measured by the model */
  estimated: boolean;
};

export interface CallOptions {
  signal?: AbortSignal;
}

/** The HTTP API. Methods reject with what the transport makes of a problem. */
export interface SpeakrClient {
  /** The server and what it does */
  getStatus(input?: Record<string, never>, options?: CallOptions): Promise<Status>;

  /** Who asks, as the server sees it */
  getIdentity(input?: Record<string, never>, options?: CallOptions): Promise<Identity>;

  /** Recordings, newest first */
  listRecordings(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
      /** Only with all of these tags */
      tag?: string | (string)[];
      /** Started at or after, ms since the Unix epoch */
      since?: number;
      /** Started before, ms since the Unix epoch */
      until?: number;
      /** Discarded recordings instead */
      cancelled?: "true" | "false";
    } }, options?: CallOptions): Promise<RecordingPage>;

  /** Begin a recording with a transcript that is there already; send its audio in mode batch */
  importRecording(input: { body: RecordingImport }, options?: CallOptions): Promise<Recording>;

  /** One recording */
  getRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    } }, options?: CallOptions): Promise<Recording>;

  /** Change title, tags or the names of speakers */
  updateRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; body: RecordingPatch }, options?: CallOptions): Promise<Recording>;

  /** Delete for good; destroys its key */
  deleteRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    } }, options?: CallOptions): Promise<void>;

  /** Take back a cancel within 7 days */
  restoreRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    } }, options?: CallOptions): Promise<Recording>;

  /** Stop, cancel or annotate a running recording */
  commandRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; body: RecordingCommand }, options?: CallOptions): Promise<Recording>;

  /** What was said */
  getTranscript(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; query?: {
      /** Revision; the newest when absent */
      revision?: number;
    } }, options?: CallOptions): Promise<Transcript>;

  /** Revisions of the transcript, oldest first */
  listRevisions(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<RevisionList>;

  /** Edit: makes a new revision */
  editTranscript(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; body: TranscriptEdit }, options?: CallOptions): Promise<Transcript>;

  /** Add a revision that was made elsewhere; one that is there already is returned as it is */
  importTranscript(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; body: TranscriptImport }, options?: CallOptions): Promise<Transcript>;

  /** Transcribe again: makes a new revision */
  retranscribeRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; body: RetranscribeRequest }, options?: CallOptions): Promise<Recording>;

  /** The notes */
  getNotes(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    } }, options?: CallOptions): Promise<Notes>;

  /** Write the notes again, with another template for example */
  writeNotes(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; body: NotesRequest }, options?: CallOptions): Promise<Notes>;

  /** The recording as a document */
  exportRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; query: {
      /** Format */
      format: "md" | "txt" | "srt" | "vtt" | "json";
    } }, options?: CallOptions): Promise<Response>;

  /** The audio as WAV, PCM16 mono 16 kHz */
  getAudio(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; query?: {
      /** Track */
      track?: number;
      /** Start, in ms */
      fromMs?: number;
      /** End, in ms */
      toMs?: number;
    } }, options?: CallOptions): Promise<Response>;

  /** Who may read it */
  listShares(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<ShareList>;

  /** Let another user read it */
  shareRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
      /** User, as the server knows them */
      user: string;
    } }, options?: CallOptions): Promise<Share>;

  /** Take that back, at once */
  unshareRecording(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
      /** User, as the server knows them */
      user: string;
    } }, options?: CallOptions): Promise<void>;

  /** Who shared and read it */
  getAuditTrail(input: { params: {
      /** Recording id, its last characters, or "last" */
      recording: string;
    }; query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<AuditTrail>;

  /** Recordings of others that one may read; other routes that only read take their ids */
  listShared(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<SharedRecordings>;

  /** Search everything recorded */
  query(input: { body: QueryRequest }, options?: CallOptions): Promise<QueryResponse>;

  /** Action items over all recordings */
  listActions(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
      /** Which */
      done?: "true" | "false" | "all";
    } }, options?: CallOptions): Promise<ActionPage>;

  /** Mark an action item done, or not */
  updateAction(input: { params: {
      /** Action id */
      action: string;
    }; body: {
      /** Whether it is done */
      done: boolean;
    } }, options?: CallOptions): Promise<ActionItem>;

  /** Upload a file whole; it becomes a recording */
  uploadFile(input: { query: {
      /** Upload id: UUIDv7 made by the client, so that beginning it again changes nothing */
      id?: string;
      /** Recording id: UUIDv7 made by the client that records. */
      recordingId?: string;
      /** Name of the file; what it is is found out from its content */
      name: string;
      /** Spoken language, ISO 639-1, two lower-case letters */
      language?: string;
      /** Recognizer model */
      model?: string;
      /** Notes template */
      template?: string;
      /** Title; made from the content when none is given */
      title?: string;
      /** When the recording was made, in ms since the Unix epoch; now when absent */
      startedAt?: number;
      /** Tag; may be repeated */
      tag?: string | (string)[];
      /** Checksum of the whole file: SHA-256 in lower-case hex */
      sha256?: string;
    }; content: Uint8Array | ReadableStream<Uint8Array> }, options?: CallOptions): Promise<Upload>;

  /** Begin an upload in parts, which can be resumed; the same again changes nothing */
  beginUpload(input: { body: UploadStart }, options?: CallOptions): Promise<Upload>;

  /** An upload, and which parts are here */
  getUpload(input: { params: {
      /** Upload id: UUIDv7 made by the client, so that beginning it again changes nothing */
      upload: string;
    } }, options?: CallOptions): Promise<Upload>;

  /** Send a part, in any order; the same again changes nothing */
  putUploadPart(input: { params: {
      /** Upload id: UUIDv7 made by the client, so that beginning it again changes nothing */
      upload: string;
      /** Number of the part, from 1 */
      part: number;
    }; query: {
      /** Checksum of the part: SHA-256 in lower-case hex */
      sha256: string;
    }; content: Uint8Array | ReadableStream<Uint8Array> }, options?: CallOptions): Promise<UploadPart>;

  /** Have a whole upload made a recording */
  completeUpload(input: { params: {
      /** Upload id: UUIDv7 made by the client, so that beginning it again changes nothing */
      upload: string;
    }; body: UploadComplete }, options?: CallOptions): Promise<Upload>;

  /** Throw away an upload that is not complete */
  abortUpload(input: { params: {
      /** Upload id: UUIDv7 made by the client, so that beginning it again changes nothing */
      upload: string;
    } }, options?: CallOptions): Promise<void>;

  /** Work in the background, newest first */
  listJobs(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
      /** Only in one of these states */
      state?: "queued" | "running" | "succeeded" | "failed" | "cancelled" | ("queued" | "running" | "succeeded" | "failed" | "cancelled")[];
      /** Only of one of these kinds */
      kind?: "ingestion" | "transcription" | "embedding" | "notes" | "archive" | ("ingestion" | "transcription" | "embedding" | "notes" | "archive")[];
      /** Only of this recording: its id, its last characters, or "last" */
      recording?: string;
    } }, options?: CallOptions): Promise<JobPage>;

  /** One job and what was tried */
  getJob(input: { params: {
      /** Job id, its last characters, or "last" */
      job: string;
    } }, options?: CallOptions): Promise<Job>;

  /** Stop a job that has not ended; what runs is told to stop */
  cancelJob(input: { params: {
      /** Job id, its last characters, or "last" */
      job: string;
    } }, options?: CallOptions): Promise<Job>;

  /** Try a job again that failed or was cancelled */
  retryJob(input: { params: {
      /** Job id, its last characters, or "last" */
      job: string;
    } }, options?: CallOptions): Promise<Job>;

  /** Terms that recognition and notes should know */
  getVocabulary(input?: Record<string, never>, options?: CallOptions): Promise<Vocabulary>;

  /** Add or remove terms */
  changeVocabulary(input: { body: VocabularyChange }, options?: CallOptions): Promise<Vocabulary>;

  /** API keys, newest first */
  listKeys(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<ApiKeyList>;

  /** Make an API key */
  createKey(input: { body: ApiKeyRequest }, options?: CallOptions): Promise<NewApiKey>;

  /** Revoke an API key; it ends within five seconds */
  revokeKey(input: { params: {
      /** Id of the key */
      key: string;
    } }, options?: CallOptions): Promise<void>;

  /** Who did what with everything that is yours, newest first */
  getAccountAudit(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<AccountAudit>;

  /** Everything that is yours, as one tar archive that is written as it is read */
  exportAccount(input?: { query?: {
      /** Goes on with the recordings after this one, in the order of their ids: an archive that broke off is completed */
      after?: string;
    } }, options?: CallOptions): Promise<Response>;

  /** Erase everything that is yours and destroy its keys; what is being recorded is discarded first */
  eraseAccount(input: { query: {
      /** The user, once more: what is erased cannot be had back */
      confirm: string;
    } }, options?: CallOptions): Promise<Erasure>;

  /** How long your recordings are kept, how much you may ask for, what is left out */
  getPolicy(input?: Record<string, never>, options?: CallOptions): Promise<OwnPolicy>;

  /** What is stored and how much */
  getStorage(input?: Record<string, never>, options?: CallOptions): Promise<StorageReport>;

  /** Jobs of everybody: counts, durations, queues */
  getJobStatistics(input?: Record<string, never>, options?: CallOptions): Promise<JobStatistics>;

  /** Processes, services and models of the fleet */
  getSystemHealth(input?: Record<string, never>, options?: CallOptions): Promise<SystemHealth>;

  /** Rolling percentiles of what the fleet does */
  getPerformance(input?: Record<string, never>, options?: CallOptions): Promise<Performance>;

  /** Everybody who has ever recorded */
  listUsers(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<UserPage>;

  /** Limits, and who uses them */
  getQuotas(input?: Record<string, never>, options?: CallOptions): Promise<Quotas>;

  /** Messages that were given up, oldest first */
  listDeadLetters(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
      /** Consumer */
      consumer?: string;
      /** Id of the message */
      message?: string;
    } }, options?: CallOptions): Promise<DeadLetterPage>;

  /** Deliver dead letters again, with five new attempts */
  replayDeadLetters(input: { body: ReplayRequest }, options?: CallOptions): Promise<Replayed>;

  /** Who did what with whose data, newest first */
  getAdminAudit(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
      /** User, as the server knows them */
      user?: string;
    } }, options?: CallOptions): Promise<AdminAudit>;

  /** What was set for users and tenants */
  listPolicies(input?: { query?: {
      /** How many at the most */
      limit?: number;
      /** From the page before */
      cursor?: string;
    } }, options?: CallOptions): Promise<PolicyPage>;

  /** What is set for a user or tenant, and what holds */
  getPolicyOf(input: { params: {
      /** users or tenants */
      scope: "users" | "tenants";
      /** User or tenant */
      name: string;
    } }, options?: CallOptions): Promise<Policy>;

  /** Set retention, quotas, redaction or tenant; holds everywhere within five seconds */
  changePolicy(input: { params: {
      /** users or tenants */
      scope: "users" | "tenants";
      /** User or tenant */
      name: string;
    }; body: PolicyChange }, options?: CallOptions): Promise<Policy>;

  /** Models that can serve, how good they were, and what was promoted */
  getModelRegistry(input?: Record<string, never>, options?: CallOptions): Promise<ModelRegistry>;

  /** Register a model; the same again changes nothing */
  registerModel(input: { body: ModelRegistration }, options?: CallOptions): Promise<RegisteredModel>;

  /** Forget a registered model that does not serve, and did not serve before */
  removeModel(input: { params: {
      /** Id of the model */
      model: string;
    } }, options?: CallOptions): Promise<void>;

  /** Note how well a recognizer was measured to hear */
  addEvaluation(input: { params: {
      /** Id of the model */
      model: string;
    }; body: NewEvaluation }, options?: CallOptions): Promise<Evaluation>;

  /** Measure how well an embedder finds passages, and note it */
  evaluateEmbedder(input: { params: {
      /** Id of the model */
      model: string;
    }; body: RetrievalSet }, options?: CallOptions): Promise<Evaluation>;

  /** Try a model, check its gates, and let it serve; what runs keeps the one it has */
  promoteModel(input: { params: {
      /** Id of the model */
      model: string;
    } }, options?: CallOptions): Promise<Promotion>;

  /** Let the model before serve again, or give up an exchange under way */
  rollbackModel(input: { body: RollbackRequest }, options?: CallOptions): Promise<Promotion>;
}

/** How each method travels. */
export const clientRoutes = {
  getStatus: { method: 'GET', path: '/v1/status', response: 'json' },
  getIdentity: { method: 'GET', path: '/v1/identity', response: 'json' },
  listRecordings: { method: 'GET', path: '/v1/recordings', response: 'json' },
  importRecording: { method: 'POST', path: '/v1/recordings', response: 'json', once: true },
  getRecording: { method: 'GET', path: '/v1/recordings/{recording}', response: 'json' },
  updateRecording: { method: 'PATCH', path: '/v1/recordings/{recording}', response: 'json' },
  deleteRecording: { method: 'DELETE', path: '/v1/recordings/{recording}', response: 'none' },
  restoreRecording: { method: 'POST', path: '/v1/recordings/{recording}/restore', response: 'json', once: true },
  commandRecording: { method: 'POST', path: '/v1/recordings/{recording}/commands', response: 'json', once: true },
  getTranscript: { method: 'GET', path: '/v1/recordings/{recording}/transcript', response: 'json' },
  listRevisions: { method: 'GET', path: '/v1/recordings/{recording}/revisions', response: 'json' },
  editTranscript: { method: 'PUT', path: '/v1/recordings/{recording}/transcript', response: 'json' },
  importTranscript: { method: 'POST', path: '/v1/recordings/{recording}/transcript', response: 'json', once: true },
  retranscribeRecording: { method: 'POST', path: '/v1/recordings/{recording}/retranscribe', response: 'json', once: true },
  getNotes: { method: 'GET', path: '/v1/recordings/{recording}/notes', response: 'json' },
  writeNotes: { method: 'POST', path: '/v1/recordings/{recording}/notes', response: 'json', once: true },
  exportRecording: { method: 'GET', path: '/v1/recordings/{recording}/export', response: 'document' },
  getAudio: { method: 'GET', path: '/v1/recordings/{recording}/audio', response: 'document' },
  listShares: { method: 'GET', path: '/v1/recordings/{recording}/shares', response: 'json' },
  shareRecording: { method: 'PUT', path: '/v1/recordings/{recording}/shares/{user}', response: 'json' },
  unshareRecording: { method: 'DELETE', path: '/v1/recordings/{recording}/shares/{user}', response: 'none' },
  getAuditTrail: { method: 'GET', path: '/v1/recordings/{recording}/audit', response: 'json' },
  listShared: { method: 'GET', path: '/v1/shared', response: 'json' },
  query: { method: 'POST', path: '/v1/query', response: 'json' },
  listActions: { method: 'GET', path: '/v1/actions', response: 'json' },
  updateAction: { method: 'PATCH', path: '/v1/actions/{action}', response: 'json' },
  uploadFile: { method: 'POST', path: '/v1/uploads', response: 'json' },
  beginUpload: { method: 'POST', path: '/v1/uploads/init', response: 'json', once: true },
  getUpload: { method: 'GET', path: '/v1/uploads/{upload}', response: 'json' },
  putUploadPart: { method: 'PUT', path: '/v1/uploads/{upload}/parts/{part}', response: 'json' },
  completeUpload: { method: 'POST', path: '/v1/uploads/{upload}/complete', response: 'json', once: true },
  abortUpload: { method: 'DELETE', path: '/v1/uploads/{upload}', response: 'none' },
  listJobs: { method: 'GET', path: '/v1/jobs', response: 'json' },
  getJob: { method: 'GET', path: '/v1/jobs/{job}', response: 'json' },
  cancelJob: { method: 'POST', path: '/v1/jobs/{job}/cancel', response: 'json', once: true },
  retryJob: { method: 'POST', path: '/v1/jobs/{job}/retry', response: 'json', once: true },
  getVocabulary: { method: 'GET', path: '/v1/vocabulary', response: 'json' },
  changeVocabulary: { method: 'PATCH', path: '/v1/vocabulary', response: 'json' },
  listKeys: { method: 'GET', path: '/v1/keys', response: 'json' },
  createKey: { method: 'POST', path: '/v1/keys', response: 'json' },
  revokeKey: { method: 'DELETE', path: '/v1/keys/{key}', response: 'none' },
  getAccountAudit: { method: 'GET', path: '/v1/audit', response: 'json' },
  exportAccount: { method: 'GET', path: '/v1/account/export', response: 'document' },
  eraseAccount: { method: 'DELETE', path: '/v1/account', response: 'json' },
  getPolicy: { method: 'GET', path: '/v1/account/policy', response: 'json' },
  getStorage: { method: 'GET', path: '/v1/storage', response: 'json' },
  getJobStatistics: { method: 'GET', path: '/v1/admin/jobs/stats', response: 'json' },
  getSystemHealth: { method: 'GET', path: '/v1/admin/health/system', response: 'json' },
  getPerformance: { method: 'GET', path: '/v1/admin/health/performance', response: 'json' },
  listUsers: { method: 'GET', path: '/v1/admin/users', response: 'json' },
  getQuotas: { method: 'GET', path: '/v1/admin/quotas', response: 'json' },
  listDeadLetters: { method: 'GET', path: '/v1/admin/dead-letters', response: 'json' },
  replayDeadLetters: { method: 'POST', path: '/v1/admin/dead-letters/replay', response: 'json', once: true },
  getAdminAudit: { method: 'GET', path: '/v1/admin/audit', response: 'json' },
  listPolicies: { method: 'GET', path: '/v1/admin/policies', response: 'json' },
  getPolicyOf: { method: 'GET', path: '/v1/admin/policies/{scope}/{name}', response: 'json' },
  changePolicy: { method: 'PATCH', path: '/v1/admin/policies/{scope}/{name}', response: 'json' },
  getModelRegistry: { method: 'GET', path: '/v1/admin/models', response: 'json' },
  registerModel: { method: 'POST', path: '/v1/admin/models', response: 'json', once: true },
  removeModel: { method: 'DELETE', path: '/v1/admin/models/{model}', response: 'none' },
  addEvaluation: { method: 'POST', path: '/v1/admin/models/{model}/evaluations', response: 'json', once: true },
  evaluateEmbedder: { method: 'POST', path: '/v1/admin/models/{model}/retrieval', response: 'json', once: true },
  promoteModel: { method: 'POST', path: '/v1/admin/models/{model}/promotion', response: 'json', once: true },
  rollbackModel: { method: 'POST', path: '/v1/admin/rollback', response: 'json', once: true },
} as const satisfies Record<keyof SpeakrClient, ClientRoute>;

export interface ClientRoute {
  readonly method: string;
  /** Path with `{name}` for parameters. */
  readonly path: string;
  readonly response: 'none' | 'json' | 'document';
  /** Done once for an Idempotency-Key, however often it comes. */
  readonly once?: true;
}
