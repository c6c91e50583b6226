import type {
  AdminAudit,
  JobStatistics,
  Performance,
  Quotas,
  SystemHealth,
  UserPage,
} from '@speakr/contracts/admin';
import type { Status } from '@speakr/contracts/api';
import type { Message } from '@speakr/contracts/events';
import type {
  Evaluation,
  ModelRegistration,
  ModelRegistry,
  NewEvaluation,
  PromotableKind,
  Promotion,
  RegisteredModel,
  RetrievalSet,
} from '@speakr/contracts/model-registry';
import type { Notes } from '@speakr/contracts/notes';
import type { OwnPolicy, Policy, PolicyChange, PolicyScope } from '@speakr/contracts/policies';
import type { QueryRequest, QueryResponse } from '@speakr/contracts/search';
import type { LocalProcessing } from '@speakr/contracts/stream';
import type { Upload, UploadPart, UploadStart } from '@speakr/contracts/uploads';
import type { LogChunk } from '../audio-log/audio-log.ts';

/** Bytes that arrive, and what they must be: SHA-256, hex. */
interface Incoming {
  readonly body: AsyncIterable<Uint8Array>;
  readonly sha256?: string | undefined;
  readonly signal: AbortSignal;
}

/** Files on their way to a recording. */
export interface UploadService {
  /** @throws SpeakrError `conflict`, `too_many_requests`, those of `resolveModel` */
  begin(owner: string, start: UploadStart): Promise<Upload>;
  /** @throws SpeakrError `not_found` */
  get(owner: string, id: string): Promise<Upload>;
  /** @throws SpeakrError `not_found`, `upload_closed`, `part_reused`, `checksum_mismatch`, `payload_too_large` */
  putPart(owner: string, id: string, part: number, incoming: Incoming): Promise<UploadPart>;
  /** @throws SpeakrError `not_found`, `upload_incomplete`, `file_empty` */
  complete(owner: string, id: string, parts: number): Promise<Upload>;
  /** @throws SpeakrError `not_found`, `upload_closed` */
  abort(owner: string, id: string): Promise<void>;
  /** A whole file; what breaks off leaves nothing behind. */
  send(owner: string, start: UploadStart, incoming: Incoming): Promise<Upload>;
  /** Throws away what nobody went on with. @returns how many */
  sweep(owner: string): Promise<number>;
}

interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Which models serve. @throws SpeakrError as the routes say */
export interface ModelService {
  overview(): Promise<ModelRegistry>;
  register(actor: string, model: ModelRegistration): Promise<RegisteredModel>;
  remove(actor: string, id: string): Promise<void>;
  addEvaluation(actor: string, id: string, evaluation: NewEvaluation): Promise<Evaluation>;
  evaluateEmbedder(actor: string, id: string, set: RetrievalSet): Promise<Evaluation>;
  promote(actor: string, id: string): Promise<Promotion>;
  rollback(actor: string, kind: PromotableKind): Promise<Promotion>;
}

/** What holds for users and tenants. @throws SpeakrError as the routes say */
export interface PolicyService {
  list(page: Page): Promise<{ policies: Policy[]; nextCursor?: string }>;
  find(scope: PolicyScope, name: string): Promise<Policy>;
  change(actor: string, scope: PolicyScope, name: string, change: PolicyChange): Promise<Policy>;
}

/** For those who run the server. */
export interface AdminService {
  jobStatistics(): Promise<JobStatistics>;
  systemHealth(): Promise<SystemHealth>;
  performance(): Promise<Performance>;
  users(page: Page): Promise<UserPage>;
  quotas(): Promise<Quotas>;
  /** Oldest first. */
  deadLetters(): Promise<{ consumer: string; error: string; message: Message }[]>;
  /** @returns how many. @throws SpeakrError `not_found` when none is the one */
  replay(
    actor: string,
    which: { consumer?: string | undefined; message?: string | undefined },
  ): Promise<number>;
  audit(page: Page, user?: string): Promise<AdminAudit>;
  readonly policies: PolicyService;
  models(): Promise<ModelService>;
}

/** An upload that is still there, with what has arrived of it. */
export interface OpenedUpload {
  readonly upload: {
    readonly id: string;
    readonly recordingId: string;
    readonly state: string;
    readonly createdAt: number;
    /** Name of the file, and what its recording will be called. */
    readonly about: object;
  };
  readonly parts: readonly { part: number; bytes: number; content(): AsyncIterable<Uint8Array> }[];
}

/** What the gateway needs of the other features; `server.ts` joins them. */
export interface GatewayServices {
  readonly profile: Status['profile'];
  readonly admin: AdminService;
  /** What holds for a user. */
  policyOf(user: string): Promise<OwnPolicy>;
  /** What is in use, for the status. */
  models(): Promise<Status['models']>;
  /** Whether clients may process audio of this server themselves while it is away. */
  readonly localProcessing: LocalProcessing;
  /**
   * The recognizer model for a new transcript: the one asked for, or the default.
   * @throws SpeakrError `model_unknown`, `model_missing`, `model_invalid`, `language_unsupported`
   */
  resolveModel(model: string | undefined, language: string): Promise<string>;
  /** @param running recordings that are fed right now */
  query(owner: string, request: QueryRequest, running: ReadonlySet<string>): Promise<QueryResponse>;
  readonly uploads: UploadService;
  /** Writes the notes again and keeps them. @throws SpeakrError `template_unknown` */
  writeNotes(
    owner: string,
    recordingId: string,
    request: { template?: string; templateText?: string },
  ): Promise<Notes>;
  /** Reads a track from the log or the archive. @throws SpeakrError `not_found` */
  openAudio(
    owner: string,
    recordingId: string,
    track: number,
    fromSample: number,
    signal: AbortSignal,
  ): AsyncIterable<LogChunk>;
  /**
   * What is still being removed of a deleted recording must not take the audio of a new one with its id along.
   * @throws SpeakrError `being_removed`
   */
  demandRemoved(owner: string, recordingId: string): Promise<void>;
  /** Uploads whose recordings are not made yet, and their parts, readable. */
  openUploads(owner: string, signal: AbortSignal): Promise<OpenedUpload[]>;
  /** Removes everything of an owner that is not in the store: audio and uploads. Idempotent. */
  removeObjects(owner: string): Promise<void>;
  /** Waits, not forever, until what was published is delivered, where messages of others need not be waited for. */
  messagesHandled(): Promise<void>;
  /** Bytes that an owner's data take. */
  storageSizes(
    owner: string,
  ): Promise<{ audioBytes: number; databaseBytes: number; modelBytes: number; dataDir: string }>;
  /** Messages that wait or are under way. */
  pendingJobs(): Promise<number>;
}
