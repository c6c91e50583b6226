import { z } from 'zod';
import { field } from './field.ts';
import { builtInTemplates } from './note-templates.ts';

/** Exit codes of the CLI. Documented in docs/errors.md, held to it by a test. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  audioGap: 3,
  model: 4,
  unreachable: 5,
  forbidden: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

interface ErrorDefinition {
  /** HTTP status the gateway answers with. */
  readonly status: number;
  /** Exit code of the CLI. */
  readonly exitCode: ExitCode;
  /** True when the same call may succeed later, unchanged. */
  readonly retryable: boolean;
  /** What happened, in plain words. */
  readonly title: string;
  /** What to do next. */
  readonly hint: string;
}

const define = <T extends Record<string, ErrorDefinition>>(
  table: T,
): { readonly [K in keyof T]: ErrorDefinition } => table;

/** Every expected error of speakr. A code never changes its meaning; new codes may be added. */
export const errorTable = define({
  invalid_request: {
    status: 400,
    exitCode: 2,
    retryable: false,
    title: 'The request is malformed.',
    hint: 'Compare it with contracts/generated/openapi.json.',
  },
  usage: {
    status: 400,
    exitCode: 2,
    retryable: false,
    title: 'The command was not understood.',
    hint: 'Run the command with --help.',
  },
  unauthorized: {
    status: 401,
    exitCode: 6,
    retryable: false,
    title: 'No valid credentials were given.',
    hint: 'Log in with `speakr login`, or start the server of this machine with `speakr serve` again.',
  },
  forbidden: {
    status: 403,
    exitCode: 6,
    retryable: false,
    title: 'This is not allowed.',
    hint: 'Ask the owner of the recording.',
  },
  not_found: {
    status: 404,
    exitCode: 1,
    retryable: false,
    title: 'There is no such thing.',
    hint: 'Run `speakr list` to see what is there.',
  },
  method_not_allowed: {
    status: 405,
    exitCode: 1,
    retryable: false,
    title: 'This cannot be done here.',
    hint: 'The Allow header names the methods; compare with contracts/generated/openapi.json.',
  },
  unsupported_media_type: {
    status: 415,
    exitCode: 1,
    retryable: false,
    title: 'The body is of a kind that is not understood.',
    hint: 'Send JSON with Content-Type: application/json.',
  },
  range_unsatisfiable: {
    status: 416,
    exitCode: 1,
    retryable: false,
    title: 'There is no such part of it.',
    hint: 'Ask for bytes that it has, or for all of it.',
  },
  gone: {
    status: 410,
    exitCode: 1,
    retryable: false,
    title: 'This was given up.',
    hint: 'The Link header names what is there instead; use a newer client.',
  },
  ambiguous_id: {
    status: 409,
    exitCode: 2,
    retryable: false,
    title: 'More than one recording fits.',
    hint: 'Give more characters of the id.',
  },
  conflict: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'It was changed by somebody else in the meantime.',
    hint: 'Fetch it again and repeat the change.',
  },
  being_removed: {
    status: 409,
    exitCode: 1,
    retryable: true,
    title: 'A recording of this id was deleted, and its audio is still being removed.',
    hint: 'Try again in a moment, or take a new id.',
  },
  upload_closed: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'The upload takes no more parts.',
    hint: 'It was completed or aborted; begin another one.',
  },
  upload_incomplete: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'Parts of the upload are missing.',
    hint: 'Send them, then complete it.',
  },
  part_reused: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'This part of the upload is here already, with other bytes.',
    hint: 'Begin another upload when the file has changed.',
  },
  checksum_mismatch: {
    status: 422,
    exitCode: 1,
    retryable: true,
    title: 'What arrived is not what was announced.',
    hint: 'Send it again.',
  },
  audio_too_long: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The audio is longer than is allowed.',
    hint: 'Cut it, or have the limit of the server raised.',
  },
  media_refused: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'Reading the file takes more time or memory than is allowed.',
    hint: 'Convert it to FLAC or WAV and send that.',
  },
  job_ended: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'The job has ended.',
    hint: 'Run `speakr jobs show` to see how.',
  },
  job_not_ended: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'The job has not failed.',
    hint: 'Only what failed or was cancelled can be tried again.',
  },
  job_cancelled: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'The job was cancelled.',
    hint: 'Run `speakr jobs retry` to try it again.',
  },
  verify_failed: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'What is stored does not belong together.',
    hint: 'Each line names what is missing or left over; look again when nothing is under way.',
  },
  lease_lost: {
    status: 409,
    exitCode: 1,
    retryable: true,
    title: 'Another process has taken over this work.',
    hint: 'Nothing needs to be done: it goes on there.',
  },
  payload_too_large: {
    status: 413,
    exitCode: 1,
    retryable: false,
    title: 'The message is too large.',
    hint: 'Send at most one second of audio a message.',
  },
  idempotency_key_reused: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'This Idempotency-Key was used for another request.',
    hint: 'Use a new key for each request, and the same only to repeat one.',
  },
  request_running: {
    status: 409,
    exitCode: 1,
    retryable: true,
    title: 'The same request is under way.',
    hint: 'Ask again when Retry-After says.',
  },
  precondition_failed: {
    status: 412,
    exitCode: 1,
    retryable: false,
    title: 'It is not what If-Match says any more.',
    hint: 'Fetch it again and repeat the change.',
  },
  headers_too_large: {
    status: 431,
    exitCode: 1,
    retryable: false,
    title: 'The headers of the request are too large.',
    hint: 'Send shorter ones.',
  },
  request_timeout: {
    status: 408,
    exitCode: 5,
    retryable: true,
    title: 'The request took too long to arrive.',
    hint: 'Try again.',
  },
  too_many_requests: {
    status: 429,
    exitCode: 1,
    retryable: true,
    title: 'Too many requests.',
    hint: 'Wait as long as Retry-After says.',
  },
  recording_too_long: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The recording is longer than this server takes.',
    hint: 'What was sent is kept. Begin another one.',
  },
  internal: {
    status: 500,
    exitCode: 1,
    retryable: true,
    title: 'speakr made a mistake.',
    hint: 'Run again with --verbose and report what it prints.',
  },
  unavailable: {
    status: 503,
    exitCode: 5,
    retryable: true,
    title: 'The server cannot do this right now.',
    hint: 'Try again in a moment.',
  },
  unreachable: {
    status: 503,
    exitCode: 5,
    retryable: true,
    title: 'The server cannot be reached.',
    hint: 'Check the address with `speakr config`, or run `speakr serve`.',
  },
  protocol_unsupported: {
    status: 400,
    exitCode: 5,
    retryable: false,
    title: 'Client and server speak different protocol versions.',
    hint: 'Bring both to the same version.',
  },
  stream_malformed: {
    status: 400,
    exitCode: 1,
    retryable: false,
    title: 'A stream message is malformed.',
    hint: 'Compare it with contracts/generated/asyncapi.json.',
  },
  stream_out_of_order: {
    status: 409,
    exitCode: 1,
    retryable: true,
    title: 'A chunk does not continue the track.',
    hint: 'Reconnect and go on at resumeFrom.',
  },
  model_missing: {
    status: 503,
    exitCode: 4,
    retryable: false,
    title: 'A model file is missing.',
    hint: 'Run `speakr models pull`.',
  },
  model_invalid: {
    status: 503,
    exitCode: 4,
    retryable: false,
    title: 'A model file is damaged.',
    hint: 'Run `speakr models pull` to fetch it again.',
  },
  model_unknown: {
    status: 400,
    exitCode: 2,
    retryable: false,
    title: 'No such model.',
    hint: 'Run `speakr models list`.',
  },
  model_not_promoted: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'The model may not serve.',
    hint: 'The one before goes on serving. docs/models.md says what is demanded.',
  },
  promotion_running: {
    status: 409,
    exitCode: 1,
    retryable: true,
    title: 'Another model is being put in place.',
    hint: 'Wait until it serves, or run `speakr admin models rollback`.',
  },
  model_source_failed: {
    status: 503,
    exitCode: 4,
    retryable: true,
    title: 'The model could not be fetched from any source.',
    hint: 'Check the network, or import it with `speakr models import <dir>`.',
  },
  models_directory_unwritable: {
    status: 500,
    exitCode: 4,
    retryable: false,
    title: 'The models directory cannot be written.',
    hint: 'Set SPEAKR_MODELS_DIR to a directory you may write.',
  },
  language_unsupported: {
    status: 422,
    exitCode: 4,
    retryable: false,
    title: 'The model does not know this language.',
    hint: 'Choose a model that does; see `speakr models list`.',
  },
  recognizer_failed: {
    status: 502,
    exitCode: 1,
    retryable: true,
    title: 'Speech recognition failed.',
    hint: 'The audio is kept. Run `speakr retranscribe <id>`.',
  },
  ffmpeg_missing: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'ffmpeg is not installed.',
    hint: 'Install ffmpeg (docs/installation.md has the command for your system).',
  },
  microphone_missing: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'No microphone was found.',
    hint: 'Plug one in, or name one with --device.',
  },
  system_audio_missing: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'What the computer plays cannot be recorded here.',
    hint: 'docs/recording.md says what it takes on your system.',
  },
  device_unknown: {
    status: 404,
    exitCode: 1,
    retryable: false,
    title: 'There is no such sound device.',
    hint: 'Run `speakr devices` to see what there is.',
  },
  microphone_denied: {
    status: 500,
    exitCode: 6,
    retryable: false,
    title: 'The microphone may not be used.',
    hint: 'Allow your terminal to use the microphone in the system settings.',
  },
  device_lost: {
    status: 500,
    exitCode: 3,
    retryable: false,
    title: 'The microphone disappeared while recording.',
    hint: 'What was recorded is kept. Plug it in and record again.',
  },
  file_missing: {
    status: 404,
    exitCode: 1,
    retryable: false,
    title: 'The file does not exist.',
    hint: 'Check the path.',
  },
  file_unreadable: {
    status: 403,
    exitCode: 6,
    retryable: false,
    title: 'The file may not be read.',
    hint: 'Check its permissions.',
  },
  player_missing: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'No program that plays audio was found.',
    hint: 'Install ffmpeg with ffplay, or write the audio to a file with --to.',
  },
  editor_failed: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'The editor did not end well; nothing was changed.',
    hint: 'Set EDITOR to an editor that works here.',
  },
  file_not_audio: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The file has no audio that ffmpeg can read.',
    hint: 'Check it with `ffprobe`.',
  },
  file_empty: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The file is empty.',
    hint: 'Check how it was made.',
  },
  file_truncated: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The file ends in the middle.',
    hint: 'What could be read is transcribed; get the whole file and run again.',
  },
  audio_too_short: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The audio is too short to hold a word.',
    hint: 'Give at least 0.1 seconds.',
  },
  audio_damaged: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'Stored audio is damaged.',
    hint: 'Check the disk; the rest of the recording is intact. Restore it from a backup with `speakr restore`.',
  },
  audio_gap: {
    status: 200,
    exitCode: 3,
    retryable: false,
    title: 'Part of the audio was not captured.',
    hint: 'The receipt names the gap and its reason.',
  },
  disk_full: {
    status: 507,
    exitCode: 1,
    retryable: true,
    title: 'The disk is full.',
    hint: 'Free some space; what was spooled is intact. Then run `speakr recover`.',
  },
  database_locked: {
    status: 503,
    exitCode: 1,
    retryable: true,
    title: 'The database is locked by another program.',
    hint: 'Close the other program and try again.',
  },
  database_inaccessible: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'The database cannot be opened or written.',
    hint: 'Check that the data directory exists and may be written.',
  },
  database_corrupt: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'The database is damaged.',
    hint: 'Restore the last backup with `speakr restore`.',
  },
  database_newer: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'The database was made by a newer speakr.',
    hint: 'Update speakr.',
  },
  key_missing: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'The key file is missing or does not fit the data.',
    hint: 'Restore it from a backup with `speakr restore`.',
  },
  port_taken: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'The port is taken.',
    hint: 'Choose another with --port.',
  },
  config_invalid: {
    status: 500,
    exitCode: 2,
    retryable: false,
    title: 'The configuration is not valid.',
    hint: 'Run `speakr config` to see where each value comes from.',
  },
  clipboard_unavailable: {
    status: 500,
    exitCode: 1,
    retryable: false,
    title: 'There is no clipboard here.',
    hint: 'Install xsel or wl-clipboard, or use --no-clipboard.',
  },
  llm_failed: {
    status: 502,
    exitCode: 1,
    retryable: true,
    title: 'The language model did not give usable notes.',
    hint: 'Extractive notes were made instead.',
  },
  template_unknown: {
    status: 400,
    exitCode: 2,
    retryable: false,
    title: 'No such template.',
    hint: `Use ${builtInTemplates.join(', ')}, or the path of a template file.`,
  },
  download_invalid: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The download is not what was released.',
    hint: 'Do not run it. Download it again from the project’s releases.',
  },
  backup_invalid: {
    status: 422,
    exitCode: 1,
    retryable: false,
    title: 'The backup is damaged or incomplete.',
    hint: 'Use another backup. Nothing was changed.',
  },
  passphrase_wrong: {
    status: 403,
    exitCode: 6,
    retryable: false,
    title: 'The passphrase does not open this backup.',
    hint: 'Try again with the passphrase the backup was made with.',
  },
  recording_running: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'The recording is still running.',
    hint: 'Stop it with `speakr stop`.',
  },
  nothing_running: {
    status: 409,
    exitCode: 1,
    retryable: false,
    title: 'No recording is running.',
    hint: 'Start one with `speakr record`.',
  },
  interrupted: {
    status: 499,
    exitCode: 130,
    retryable: true,
    title: 'Interrupted.',
    hint: 'What was captured is kept; run `speakr recover`.',
  },
});

export type ErrorCode = keyof typeof errorTable;
export const errorCodes = Object.keys(errorTable) as ErrorCode[];

/** Problem details (RFC 9457) with speakr's stable code. Never carries speech. */
export const Problem = z
  .object({
    type: field(z.string(), 'URI of the documentation of this error', 'https://speakr.dev/errors#not_found'),
    title: field(z.string(), 'What happened, in plain words', 'There is no such thing.'),
    status: field(z.int(), 'HTTP status', 404),
    code: field(z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]), 'Stable error code', 'not_found'),
    detail: field(z.string(), 'What happened in this case', 'No recording ends in 4d1e99.').optional(),
    hint: field(z.string(), 'What to do next', 'Run `speakr list` to see what is there.'),
    retryable: field(z.boolean(), 'Whether the same call may succeed later', false),
    retryAfterMs: field(z.int().min(0), 'When to try again, in ms; also as Retry-After', 1500).optional(),
    requestId: field(z.string(), 'Id of the request, to find it in the logs', 'req-1a').optional(),
  })
  .meta({ id: 'Problem', description: 'An expected error' });
export type Problem = z.infer<typeof Problem>;

/** An expected error. Anything else that is thrown is a bug and keeps its stack. */
export class SpeakrError extends Error {
  override readonly name = 'SpeakrError';
  readonly code: ErrorCode;
  readonly hint: string;
  /** When to try again, ms. */
  readonly retryAfterMs: number | undefined;

  /**
   * @param code one of `errorTable`
   * @param detail what happened in this case, without speech and without secrets
   * @param options `hint` replaces the table's advice where this case has a better one
   */
  constructor(
    code: ErrorCode,
    detail?: string,
    options: { hint?: string; cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(
      detail ?? errorTable[code].title,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.hint = options.hint ?? errorTable[code].hint;
    this.retryAfterMs = options.retryAfterMs;
  }

  get definition(): ErrorDefinition {
    return errorTable[this.code];
  }

  /** The wire form. */
  toProblem(requestId?: string): Problem {
    const { status, title, retryable } = this.definition;
    return {
      type: `https://speakr.dev/errors#${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.message,
      hint: this.hint,
      retryable,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }

  /** Back from the wire form. */
  static fromProblem(problem: Problem): SpeakrError {
    const { code, detail, title, hint, retryAfterMs } = problem;
    return new SpeakrError(code, detail ?? title, { hint, retryAfterMs });
  }
}
