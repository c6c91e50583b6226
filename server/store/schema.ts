import type { Generated, Kysely } from 'kysely';

/** Ciphertext of sealed-value.ts. */
type Sealed = Uint8Array;
/** Integer ms since the Unix epoch. */
type Timestamp = number;
/** 0 or 1: SQLite has no booleans. */
type Flag = number;

/**
 * The tables, the same in every dialect where nothing else is said. What a user says or names is in `Sealed` columns
 * only; the vectors of `passages` are the one exception (docs/security.md).
 */
export interface Tables {
  users: { id: string; wrapped_key: Uint8Array; created_at: Timestamp };
  recordings: {
    user_id: string;
    id: string;
    /** The data key, wrapped by the user's key. Without it every other sealed value of the recording is noise. */
    wrapped_key: Uint8Array;
    state: string;
    mode: string;
    language: string;
    model: string;
    started_at: Timestamp;
    created_at: Timestamp;
    updated_at: Timestamp;
    cancelled_at: Timestamp | null;
    duration_ms: number;
    /** Newest revision that has begun, 0 before the first. */
    revision: number;
    failure: string | null;
    /** JSON of a Receipt: numbers and reasons only. */
    receipt: string;
    /** JSON of RecordingDetails. */
    details: Sealed;
    template_text: Sealed | null;
  };
  revisions: {
    user_id: string;
    recording_id: string;
    revision: number;
    origin: string;
    complete: Flag;
    language: string;
    model: string;
    created_at: Timestamp;
    /** How many segments there are. */
    segments: number;
    /** Counts who has taken over the writing; only the newest may go on. */
    lease: number;
    lease_holder: string;
  };
  segments: {
    user_id: string;
    recording_id: string;
    revision: number;
    id: string;
    track: number;
    start_ms: number;
    end_ms: number;
    /** JSON of text, speaker and words. */
    content: Sealed;
  };
  shares: {
    user_id: string;
    recording_id: string;
    /** Who may read it. */
    shared_with: string;
    /** The recording's data key, wrapped by the reader's key: gone with the row. */
    wrapped_key: Uint8Array;
    created_at: Timestamp;
  };
  audit_log: {
    seq: Generated<number>;
    /** Whose data it is about. */
    user_id: string;
    at: Timestamp;
    /** Who did it. */
    actor: string;
    action: string;
    /** Empty when it is not about a recording. */
    recording_id: string;
    /** With whom, where that is part of it. */
    subject: string | null;
    /** Random bytes of the entry's hash, so that it cannot be guessed when the entry is erased. */
    salt: Uint8Array | null;
    /** The entry of the erasure that took from this one whom and what it is about. */
    erased_by: number | null;
  };
  /** What the audit log held: each covers the entries since the one before. */
  audit_seals: {
    number: number;
    sealed_at: Timestamp;
    /** JSON of [first, last] pairs of `seq`. */
    ranges: string;
    /** JSON of how far it has looked, and which `seq` were not there: of transactions that still run, or came to nothing. */
    waiting: string;
    /** SHA-256 of each entry, in the order of `seq`. */
    digests: Uint8Array;
    /** Keyed hash over all of this and the seal before. */
    hash: Uint8Array;
  };
  api_keys: {
    user_id: string;
    /** Unique over all users. */
    id: string;
    name: Sealed;
    /** Joined by spaces. */
    scopes: string;
    /** SHA-256 of the secret. */
    secret_hash: Uint8Array;
    created_at: Timestamp;
    expires_at: Timestamp;
    revoked_at: Timestamp | null;
    used_at: Timestamp | null;
  };
  /** PostgreSQL: live sessions that have a place. */
  session_slots: {
    user_id: string;
    recording_id: string;
    /** Which connection has it. */
    holder: string;
    /** By the clock of the database. */
    until: Timestamp;
  };
  /** PostgreSQL: buckets of the rate limits. */
  rate_buckets: { key: string; tokens: number; at: number };
  /** Answers under an Idempotency-Key. */
  kept_replies: {
    user_id: string;
    key: string;
    /** Hash of the request. */
    fingerprint: string;
    /** Null while the request is under way. */
    status: number | null;
    body: Sealed | null;
    created_at: Timestamp;
  };
  notes: {
    user_id: string;
    recording_id: string;
    /** JSON of Notes without its actions. */
    content: Sealed;
  };
  actions: {
    user_id: string;
    id: string;
    recording_id: string;
    position: number;
    done: Flag;
    /** Keyed hash of the action's text: finds the same action in rewritten notes. */
    mark: string;
    /** JSON of ActionItem. */
    content: Sealed;
  };
  passage_indexes: {
    user_id: string;
    recording_id: string;
    revision: number;
    model: string;
    dimensions: number;
    passages: number;
    end_ms: number;
    /** How many segments of the revision the passages were made from. */
    segments: number;
    /** SQLite: another one whenever the pages are written, so that those in memory are known to be old. */
    stamp: Generated<number>;
  };
  /** SQLite: passages, unreadable. */
  passage_pages: {
    user_id: string;
    recording_id: string;
    model: string;
    page: number;
    /** Vectors and keyed term hashes (passage-page.ts). */
    search: Sealed;
    /** JSON of texts and times. */
    texts: Sealed;
  };
  /** PostgreSQL: passages, which it searches itself. */
  passages: {
    user_id: string;
    recording_id: string;
    /** Of the vector: those of two models are never compared. */
    model: string;
    position: number;
    start_ms: number;
    end_ms: number;
    /** As pgvector writes it: `[1,0.5]`. */
    vector: string;
    /** Keyed hashes of the terms, one for each time a term was said; sorted. Signed decimals of 64 bits. */
    terms: readonly string[];
    /** JSON of text and speaker. */
    content: Sealed;
  };
  vocabularies: {
    user_id: string;
    /** JSON of VocabularyTerm[], sealed with the user's key. */
    content: Sealed;
  };
  /** Files on their way to a recording. */
  uploads: {
    user_id: string;
    id: string;
    /** The recording it becomes; there is none yet. */
    recording_id: string;
    state: string;
    /** The key of its objects, wrapped by the user's key. */
    wrapped_key: Uint8Array;
    /** JSON of what its recording will be called. */
    details: Sealed;
    created_at: Timestamp;
    expires_at: Timestamp;
  };
  upload_parts: {
    user_id: string;
    upload_id: string;
    part: number;
    bytes: number;
    /** Key in the object storage. */
    object: string;
    /** Keyed hash of the content. */
    digest: string;
  };
  /** Work on messages, for those who wait for it. Carries no speech. */
  jobs: {
    user_id: string;
    id: string;
    recording_id: string;
    kind: string;
    state: string;
    /** The message that has it done; another one after a retry. */
    message_id: string;
    message_type: string;
    /** JSON of the message's data. */
    message_data: string;
    /** From 0 to 1000. */
    progress: number | null;
    cancel_requested: Flag;
    /** JSON of JobAttempt[]. */
    attempts: string;
    failure: string | null;
    created_at: Timestamp;
    updated_at: Timestamp;
    ended_at: Timestamp | null;
  };
  /** How many jobs an owner has of a kind in a state: triggers on `jobs` count. */
  job_counts: { user_id: string; kind: string; state: string; jobs: number };
  /** Models that can serve, registered by administrators. */
  models: {
    id: string;
    kind: string;
    weights: string;
    /** JSON of ModelOptions. */
    options: string;
    created_at: Timestamp;
    actor: string;
  };
  model_evaluations: {
    seq: Generated<number>;
    model: string;
    metric: string;
    value: number;
    samples: number;
    /** SHA-256 of what it was measured on. */
    evaluated_on: string;
    at: Timestamp;
    actor: string;
  };
  model_promotions: {
    seq: Generated<number>;
    kind: string;
    model: string;
    previous: string;
    state: string;
    reason: string;
    /** From 0 to 1000. */
    progress: number;
    at: Timestamp;
    active_at: Timestamp | null;
    actor: string;
  };
  /** What holds for users and tenants beside the settings. */
  policies: {
    scope: string;
    name: string;
    /** Of a user. */
    tenant: string | null;
    /** JSON of PolicyValues. */
    policy: string;
    /** Grows with each change. */
    version: number;
    changed_at: Timestamp;
    actor: string;
  };
  /** Who exchanges models of a kind right now. */
  model_claims: { kind: string; holder: string; until: Timestamp };
  /** PostgreSQL: heartbeats of the processes of a fleet. */
  processes: {
    id: string;
    /** Joined by commas. */
    roles: string;
    version: string;
    started_at: Timestamp;
    seen_at: Timestamp;
    /** JSON of what the process says of itself: numbers and names of models. */
    report: string;
  };
  outbox: {
    /** Order of commit. */
    seq: Generated<number>;
    id: string;
    user_id: string;
    recording_id: string | null;
    type: string;
    /** JSON of the message; carries no speech. */
    message: string;
    created_at: Timestamp;
  };
  /** SQLite: the bus delivers from these two. */
  consumers: { name: string; cursor: number; seen_at: Timestamp };
  deliveries: {
    consumer: string;
    seq: number;
    state: 'waiting' | 'leased' | 'dead';
    failures: number;
    due_at: Timestamp;
    lease: string | null;
    lease_until: Timestamp;
    /** Whether the handler said that it gets on: then a crash is not held against the message. */
    working: Flag;
    /** Code or name of the last error, never its message. */
    error: string | null;
  };
}

export type Queries = Kysely<Tables>;
