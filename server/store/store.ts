import type { Message, MessageData, MessageType } from '@speakr/contracts/events';
import type { ApiKey, Scope } from '@speakr/contracts/identity';
import type { Job, JobAttempt, JobKind, JobState } from '@speakr/contracts/jobs';
import type { ActionItem, Notes } from '@speakr/contracts/notes';
import type { Gap, Moment, Receipt, Recording, RecordingState, Track } from '@speakr/contracts/recording';
import type { auditActions } from '@speakr/contracts/sharing';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { VocabularyTerm } from '@speakr/contracts/vocabulary';
import type { AuditSeals } from './audit-seals.ts';
import type { ModelRegistryQueries } from './model-registry.ts';

/** What the client says of a new recording. */
export type NewRecording = Pick<
  Recording,
  'id' | 'tags' | 'mode' | 'language' | 'model' | 'template' | 'source' | 'startedAt' | 'tracks'
> & { title?: string; templateText?: string; vocabulary?: readonly string[] };

export interface RecordingPatch {
  title?: string;
  titleSource?: Recording['titleSource'];
  tags?: string[];
  state?: RecordingState;
  model?: string;
  language?: string;
  template?: string;
  templateText?: string;
  failure?: string | null;
  cancelledAt?: number | null;
  durationMs?: number;
  tracks?: Track[];
  /** All names from now on. */
  speakers?: Record<string, string>;
  receipt?: Receipt;
}

export interface RecordingFilter {
  limit: number;
  cursor?: string;
  /** All of them must be there. */
  tags?: readonly string[];
  since?: number;
  until?: number;
  /** Discarded recordings instead of the others. */
  cancelled?: boolean;
  states?: readonly RecordingState[];
}

export interface JobFilter {
  limit: number;
  cursor?: string;
  states?: readonly JobState[];
  kinds?: readonly JobKind[];
  /** Only those that this message has done. */
  messageId?: string;
  recordingId?: string;
}

/** A file that will be uploaded. */
export interface NewUpload {
  readonly id: string;
  /** The recording it becomes. */
  readonly recordingId: string;
  readonly about: {
    /** Of the file. */
    readonly name: string;
    readonly startedAt: number;
    readonly language: string;
    readonly model: string;
    readonly title?: string;
    readonly tags?: string[];
    readonly template?: string;
    readonly templateText?: string;
    readonly vocabulary?: readonly string[];
  };
  /** Ms since the Unix epoch. */
  readonly expiresAt: number;
}

export interface StoredUpload extends NewUpload {
  readonly state: 'open' | 'complete' | 'ingested' | 'failed';
  /** Of its objects, 32 bytes. */
  readonly key: Uint8Array;
  /** In order. */
  readonly parts: readonly { part: number; bytes: number; object: string; digest: string }[];
  readonly createdAt: number;
}

/** What is kept of an upload. */
export interface UploadObjects extends Pick<StoredUpload, 'id' | 'recordingId' | 'state'> {
  readonly objects: readonly string[];
}

/** How an attempt at a job ended. */
export interface AttemptEnd {
  readonly outcome: NonNullable<JobAttempt['outcome']>;
  /** Error code of a failure. */
  readonly code?: string;
  /** The failure is for good: nobody will try it again by himself. */
  readonly final?: boolean;
}

/** The right to write a revision. */
export interface RevisionLease {
  readonly holder: string;
  /** Grows whenever it is given away. */
  readonly number: number;
}

/** A search unit: some neighbouring segments of one revision. */
export interface Passage {
  readonly recordingId: string;
  readonly revision: number;
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly speaker?: string;
  /** Unit-length vector of `model`. */
  readonly vector: Float32Array;
  readonly model: string;
  /** Stems and numbers of the text; the store keeps them as keyed hashes only. */
  readonly terms: readonly string[];
}

/** A passage as it is shown. */
export interface PassageMatch extends Omit<Passage, 'vector' | 'terms'> {
  /** Recording fields the ranking and the answer need. */
  readonly title: string;
  readonly tags: readonly string[];
  readonly startedAt: number;
  /** Names of the speakers, by label. */
  readonly speakers: Readonly<Record<string, string>>;
}

export interface SearchFilter {
  tags?: readonly string[];
  since?: number;
  until?: number;
  recordingId?: string;
  /** Recordings that are left out. */
  without?: readonly string[];
}

/**
 * Everything one owner has. All calls of one transaction see and change one state; `publish` puts a message into the
 * outbox of the same transaction.
 */
export interface OwnerStore {
  readonly owner: string;
  /** Models of the server; the owner is who acts. */
  readonly models: ModelRegistryQueries;

  /** When the user came, ms since the Unix epoch; undefined while nothing is kept of them. */
  userSince(): Promise<number | undefined>;

  // recordings
  /** Ids of all recordings, also of discarded ones, in the order of the ids. */
  listRecordingIds(page: { after?: string | undefined; limit: number }): Promise<string[]>;
  /** Idempotent: the recording that is already there is returned unchanged. */
  createRecording(recording: NewRecording): Promise<Recording>;
  /** `undefined` when missing; the same for another owner's. */
  getRecording(id: string): Promise<Recording | undefined>;
  /**
   * A full id, its last characters (at least 3), or `last`.
   * @throws SpeakrError `not_found`, `ambiguous_id`
   */
  resolveRecording(reference: string): Promise<Recording>;
  listRecordings(filter: RecordingFilter): Promise<{ recordings: Recording[]; nextCursor?: string }>;
  /** Recordings that are not finished. */
  countRunning(): Promise<number>;
  /** @throws SpeakrError `not_found` */
  updateRecording(id: string, patch: RecordingPatch): Promise<Recording>;
  /** Text of the user's own notes template, if one was given. */
  getTemplateText(id: string): Promise<string | undefined>;
  addMoment(id: string, moment: Moment): Promise<void>;
  addGap(id: string, gap: Gap): Promise<void>;
  /**
   * Removes rows, terms, vectors and jobs, destroys the data key and publishes `recording.deleted.v1`, in this
   * transaction.
   * @throws SpeakrError `not_found`
   */
  deleteRecording(id: string): Promise<void>;

  /** The data key of a recording (32 bytes), for audio. */
  dataKey(id: string): Promise<Uint8Array>;

  // transcripts
  /** Begins a revision (idempotent). */
  beginRevision(
    id: string,
    revision: Pick<Transcript, 'revision' | 'origin' | 'language' | 'model'>,
  ): Promise<void>;
  /**
   * Gives the writing of a revision to `holder`: whoever had it before can write no more of it.
   * @param holder what the writing is done for; the same again when it is done anew
   * @throws SpeakrError `not_found` when the revision has not begun
   */
  leaseRevision(id: string, revision: number, holder: string): Promise<RevisionLease>;
  /**
   * For a transaction that writes a revision.
   * @throws SpeakrError `lease_lost` when the same is done anew elsewhere, `conflict` when another holder took over
   */
  demandLease(id: string, revision: number, lease: RevisionLease): Promise<void>;
  /** Adds or replaces segments by id. @throws SpeakrError `not_found` when the revision has not begun */
  putSegments(id: string, revision: number, segments: readonly Segment[]): Promise<void>;
  /**
   * Takes segments out of a revision and puts others in their place.
   * @param replaced ids of the segments that go; those that are not there do not matter
   * @throws SpeakrError `not_found` when the revision has not begun
   */
  replaceSegments(
    id: string,
    revision: number,
    replaced: readonly string[],
    segments: readonly Segment[],
  ): Promise<void>;
  completeRevision(id: string, revision: number): Promise<void>;
  /**
   * When `revision` is absent the current one: the newest that is complete, or while none is, the newest that has
   * begun. A new transcription of an old recording thus replaces the old text when it is done. `undefined` when there
   * is none.
   * @param fromMs leaves out segments that begin before it
   */
  getTranscript(id: string, revision?: number, fromMs?: number): Promise<Transcript | undefined>;
  listRevisions(id: string): Promise<Omit<Transcript, 'segments'>[]>;

  // notes
  putNotes(notes: Notes): Promise<void>;
  getNotes(id: string): Promise<Notes | undefined>;
  listActions(
    done: boolean | 'all',
  ): Promise<{ recordingId: string; title: string; startedAt: number; action: ActionItem }[]>;
  /** Survives new notes of the same recording as long as the action's text stays. @throws SpeakrError `not_found` */
  setActionDone(actionId: string, done: boolean): Promise<ActionItem>;

  // search
  /**
   * Replaces the passages of a recording from `fromIndex` on. Those before are as they should be, also where they were
   * made from another revision.
   * Passages of other models stay beside them.
   * @param segments how many segments of the revision the passages were made from; all that are there when absent
   * @param model of the passages, where there are none
   */
  putPassages(
    id: string,
    revision: number,
    fromIndex: number,
    passages: readonly Passage[],
    segments?: number,
    model?: string,
  ): Promise<void>;
  /** What has been indexed of a recording with a model: revision, passages, and the end of the last one. */
  indexState(
    id: string,
    model: string,
  ): Promise<{ revision: number; passages: number; endMs: number } | undefined>;
  /** Recordings whose current revision is not indexed wholly, or not with this embedder. */
  staleIndexes(model: string): Promise<string[]>;
  /** All passages of the owner that fit and have vectors of this model. */
  scanPassages(model: string, filter: SearchFilter): Promise<PassageCandidates>;
  /** Texts and recording fields of chosen passages, in the order asked, without missing ones. */
  loadPassages(refs: readonly PassageRef[], model: string): Promise<PassageMatch[]>;
  /** Forgets the passages of all models but these. */
  forgetPassages(keep: readonly string[]): Promise<void>;

  // vocabulary
  getVocabulary(): Promise<VocabularyTerm[]>;
  /** Replaces the vocabulary. */
  putVocabulary(terms: readonly VocabularyTerm[]): Promise<void>;
  /**
   * Terms for one recording, each once, those that came with it first, then those of its tags, then those for all.
   * @throws SpeakrError `not_found`
   */
  keyTerms(id: string): Promise<string[]>;

  // sharing
  /** Who may read a recording, oldest share first. @throws SpeakrError `not_found` */
  listShares(id: string): Promise<Share[]>;
  /** Takes it back at once. @throws SpeakrError `not_found` when it is not shared with that user */
  unshareRecording(id: string, reader: string): Promise<void>;
  /** What was done about a recording that its owner may want to know, newest first; kept when it is deleted. */
  listAudit(id: string, page: Page): Promise<{ entries: AuditEntry[]; nextCursor?: string }>;
  /** Recordings of others that this owner may read, newest first. */
  listShared(): Promise<SharedRecording[]>;

  /** The same over everything, recordings and keys, in pages. @throws SpeakrError `invalid_request` for a wrong cursor */
  listAccountAudit(page: Page): Promise<{ entries: AuditEntry[]; nextCursor?: string }>;

  /** Writes down what the owner did with everything. */
  noteAudit(
    action: OwnAction,
    about?: {
      /** Model, tenant or consumer. */
      readonly subject?: string;
      readonly recordingId?: string;
    },
  ): Promise<void>;

  // API keys
  /** @param most how many valid ones a user may have. @throws SpeakrError `conflict` when there are so many */
  createApiKey(key: NewApiKey, most: number): Promise<ApiKey>;
  /** Newest first, with those that are not valid any more. */
  listApiKeys(): Promise<ApiKey[]>;
  /** @throws SpeakrError `not_found` when there is none, or it is revoked already */
  revokeApiKey(id: string): Promise<void>;
  noteApiKeyUse(id: string): Promise<void>;
  // uploads
  /** Idempotent: the upload that is already there is returned unchanged. */
  createUpload(upload: NewUpload): Promise<StoredUpload>;
  getUpload(id: string): Promise<StoredUpload | undefined>;
  countOpenUploads(): Promise<number>;
  /** Every upload with the objects of its parts, without opening anything. */
  listUploadObjects(): Promise<UploadObjects[]>;
  /**
   * A part has been stored.
   * @param part its object, and the SHA-256 of its content, hex
   * @returns whether it was kept: the same content may be there already, in another object
   * @throws SpeakrError `not_found`, `upload_closed`, `part_reused` when the part is there with other content
   */
  addUploadPart(
    id: string,
    part: { part: number; bytes: number; object: string; sha256: string },
  ): Promise<{ kept: boolean }>;
  updateUpload(id: string, change: { state?: StoredUpload['state']; expiresAt?: number }): Promise<void>;
  /** Ids of uploads whose time was over before that, ms since the Unix epoch. */
  expiredUploads(before: number): Promise<string[]>;
  /** Forgets an upload and its key. Idempotent. */
  removeUpload(id: string): Promise<void>;

  // jobs: `publish` makes those of a message, in the same transaction
  /**
   * A full id, its last characters (at least 3), or `last`.
   * @throws SpeakrError `not_found`, `ambiguous_id`
   */
  resolveJob(reference: string): Promise<Job>;
  /** Newest first. */
  listJobs(filter: JobFilter): Promise<{ jobs: Job[]; nextCursor?: string }>;
  /**
   * A delivery of a message begins with the job that it is for. One that is not `running` then is done, or was
   * cancelled: nothing is to be done. `undefined` when there is none.
   */
  beginJob(messageId: string, kind: JobKind): Promise<Job | undefined>;
  /** @param progress share that is done; only looks at the job when absent. @throws SpeakrError `not_found` */
  reportJob(id: string, progress?: number): Promise<Job>;
  /**
   * The attempt under way has ended; nothing happens when none is. A recording whose transcription was cancelled or has
   * failed for good keeps the transcript it has, or has failed.
   * @throws SpeakrError `not_found`
   */
  endJob(id: string, end: AttemptEnd): Promise<Job>;
  /**
   * What waits is cancelled at once; what runs is told to stop.
   * @throws SpeakrError `not_found`, `job_ended`, `recording_running`
   */
  cancelJob(id: string): Promise<Job>;
  /**
   * Has a job that failed or was cancelled tried again, with its history.
   * @throws SpeakrError `not_found`, `job_not_ended`, `conflict` when the recording has gone on without it
   */
  retryJob(id: string): Promise<Job>;
  /** Forgets jobs that ended before that, ms since the Unix epoch. @returns how many */
  forgetJobs(endedBefore: number): Promise<number>;

  // answers that may be asked for again
  /**
   * Begins a request under a key, for a day.
   * @returns the answer when it was given already
   * @throws SpeakrError `idempotency_key_reused` when the fingerprint is another, `request_running`
   */
  claimReply(key: string, fingerprint: string): Promise<KeptReply | undefined>;
  keepReply(key: string, reply: KeptReply): Promise<void>;
  /** The request failed: it can be begun again. */
  dropReply(key: string): Promise<void>;
  /** Forgets answers to requests that began before that, ms since the Unix epoch. @returns how many */
  forgetReplies(begunBefore: number): Promise<number>;

  // outbox
  publish<T extends MessageType>(type: T, data: MessageData<T>, correlation?: string): Promise<void>;
}

/** An answer of the API. */
export interface KeptReply {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** A page of a list. */
export interface Page {
  readonly limit: number;
  /** From the page before. */
  readonly cursor?: string;
}

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, 32 bytes. */
  readonly secretHash: Uint8Array;
  readonly expiresAt: number;
}

/** What a request that comes with a key is checked against. */
export interface StoredApiKey extends Pick<NewApiKey, 'id' | 'scopes' | 'secretHash' | 'expiresAt'> {
  readonly owner: string;
  readonly revokedAt: number | null;
  readonly usedAt: number | null;
}

export interface PassageRef {
  readonly recordingId: string;
  readonly index: number;
}

/** What the owner of a recording allowed somebody. */
export interface Share {
  readonly reader: string;
  readonly sharedAt: number;
}

export interface SharedRecording {
  readonly owner: string;
  readonly recording: Recording;
}

export interface AuditEntry {
  readonly at: number;
  /** Who did it. */
  readonly actor: string;
  readonly action: (typeof auditActions)[number];
  /** With whom. */
  readonly reader?: string;
  readonly recordingId?: string;
  /** The API key it was done to. */
  readonly key?: string;
  /** The model, tenant or consumer it was done to. */
  readonly about?: string;
}

/** A recording that may be read, one's own or a shared one: nothing here changes it. */
export interface ReadableRecording extends SharedRecording {
  getTranscript(revision?: number): Promise<Transcript | undefined>;
  listRevisions(): Promise<Omit<Transcript, 'segments'>[]>;
  getNotes(): Promise<Notes | undefined>;
}

/** What there was of a user who was erased. */
export interface Erased {
  /** Recordings that are being recorded: because of them nothing was removed. */
  readonly running: readonly string[];
  readonly recordings: number;
  readonly uploads: number;
  readonly keys: number;
  /** With others, and by others. */
  readonly shares: number;
  /** Entries of the audit log that name nobody any more. */
  readonly auditEntries: number;
}

/** What a search chooses from; texts are not read. */
export interface PassageCandidates {
  /** How many passages there are. */
  readonly count: number;
  /** Languages of the recordings they belong to, ISO 639-1, each once. */
  readonly languages: readonly string[];
  /**
   * Every passage that can be among the best, by whatever weights: those that hold one of the terms, and the `nearest`
   * that are nearest to the vector. Exact: nothing is approximated.
   */
  find(wanted: {
    terms: readonly string[];
    /** Of unit length, like those of the passages. */
    vector?: Float32Array;
    nearest: number;
  }): Promise<FoundPassages>;
}

export interface FoundPassages {
  readonly passages: readonly FoundPassage[];
  /** Mean number of terms of all the candidates, for length normalisation. */
  readonly meanLength: number;
}

export interface FoundPassage extends PassageRef {
  /** Dot product of its vector with the one asked for: the cosine. 0 when none was given. */
  readonly similarity: number;
  /** Number of its terms. */
  readonly length: number;
  /** How often it holds each of the terms asked for, in their order. */
  readonly frequencies: readonly number[];
}

/** What is written down in the transaction that does it. */
export type OwnAction = Extract<
  AuditEntry['action'],
  'transcript.read' | 'actions.read' | 'account.exported' | 'recording.expired' | `model.${string}`
>;

/** Content that was read, or what an administrator did. */
export interface AccessEntry {
  /** Whose it is. */
  readonly owner: string;
  /** Who read it. */
  readonly actor: string;
  readonly action: AuditEntry['action'];
  /** Absent when it is about no recording, or all. */
  readonly recordingId?: string;
  /** Model, tenant or consumer. */
  readonly subject?: string;
}

export interface Store {
  /**
   * Writes into the audit log that content was read; resolves when that is durable. Entries of requests that come at the
   * same time travel together.
   */
  noteAccess(entries: readonly AccessEntry[]): Promise<void>;
  /** The chain that shows whether the audit log is what it was. */
  readonly auditSeals: AuditSeals;
  /**
   * Runs `work` in one transaction; rolled back when it rejects. Transactions of one owner run one after the other.
   * Never nest. Where the database is another process, `work` may run again when the connection broke before the end.
   */
  transaction<T>(owner: string, work: (store: OwnerStore) => Promise<T>): Promise<T>;
  /** The same for work that only reads: waits for no writer and sees one state. */
  read<T>(owner: string, work: (store: OwnerStore) => Promise<T>): Promise<T>;
  /** Somebody is here: from now on they are known, and can be shared with. Asks the database once. */
  welcome(owner: string): Promise<void>;
  /**
   * Lets another user read a recording, until it is taken back (`unshareRecording`) or deleted. Idempotent.
   * @throws SpeakrError `not_found`; `invalid_request` when it is the owner
   */
  share(owner: string, recordingId: string, reader: string): Promise<Share>;
  /**
   * Reads a recording that somebody shared with `reader`, in one transaction. The owner finds it in the audit log.
   * @param reference its id or last characters
   * @throws SpeakrError `not_found` when it is missing or not shared, the same for both; `ambiguous_id`
   */
  readShared<T>(
    reader: string,
    reference: string,
    work: (recording: ReadableRecording) => Promise<T>,
  ): Promise<T>;
  /**
   * Removes everything of a user, with the user's key; the entries of the audit log about them lose whom and what they
   * are about. Idempotent. While something is being recorded nothing is removed.
   */
  erase(owner: string): Promise<Erased>;
  /** The API key of an id, whoever it belongs to. */
  findApiKey(id: string): Promise<StoredApiKey | undefined>;
  /** Messages of the outbox for the bus. */
  readonly outbox: Outbox;
  close(): Promise<void>;
}

/** The durable queue under the embedded bus, and the source of the hosted one. */
export interface Outbox {
  /** Called after a transaction that published something. */
  onPublished(listener: (messages: readonly Message[]) => void): () => void;
}
