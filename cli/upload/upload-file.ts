import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { TranscribeResult } from '@speakr/contracts/cli-json';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Upload, UploadStart } from '@speakr/contracts/uploads';
import type { Context } from '../context.ts';
import type { Api } from '../embedded.ts';
import { checkFile } from '../recorder/file-source.ts';
import { findTranscript } from '../recording-output.ts';
import type { FileWishes } from '../transcribe-file.ts';
import { awaitRecording } from './await-recording.ts';
import { type Patience, patiently } from './patiently.ts';
import { openPendingUpload, type PendingUpload } from './pending-upload.ts';
import { fits, sendFile } from './send-file.ts';

export interface UploadFileOptions extends FileWishes {
  readonly context: Pick<Context, 'api' | 'config' | 'io' | 'clock'>;
  readonly signal: AbortSignal;
  /** Start of the command on the monotonic clock. */
  readonly startedAt: number;
  /** Called with 0 … 1. */
  onProgress(fraction: number): void;
  /** The connection broke; it is tried again. */
  onTrouble(error: SpeakrError): void;
}

/** Sending and what the server does are taken for equally long. */
const SENDING = 0.5;

/**
 * Sends a file as it is to the server, which reads it, and gives back what was said. What an earlier run has sent is not
 * sent again.
 * @throws SpeakrError what is wrong with the file, or the server
 */
export async function uploadFile(file: string, options: UploadFileOptions): Promise<TranscribeResult> {
  const { context, signal, onProgress, onTrouble } = options;
  const { io, clock } = context;
  const path = await checkFile(file, io.cwd);
  const { size, mtimeMs } = await stat(path);
  const { language, model, template, templateText, vocabulary, title, tags } = options;
  const about = {
    name: basename(file),
    language,
    template,
    tags: [...tags],
    ...(model === undefined ? {} : { model }),
    ...(templateText === undefined ? {} : { templateText }),
    ...(vocabulary === undefined ? {} : { vocabulary }),
    ...(title === undefined ? {} : { title }),
  };
  const { paths, values } = context.config();
  const identity = [values.server ?? '', path, size, mtimeMs, about];
  const open = () => openPendingUpload(paths.dataDir, identity);
  const api = await context.api('write');
  const patience: Patience = { signal, onTrouble };

  const { pending, upload } = await beginOrResume({ api, open, patience, about, size });
  try {
    if (size > upload.maxBytes)
      throw new SpeakrError('payload_too_large', `${file} is larger than ${upload.maxBytes} bytes.`, {
        hint: 'Convert it to a smaller format, or have the limit of the server raised.',
      });
    if (upload.state === 'open')
      await sendFile({
        api,
        path,
        bytes: size,
        upload,
        patience,
        onSent: (share) => onProgress(share * SENDING),
      });
    const { recordingId } = pending;
    const { recording, transcriptionMs } = await awaitRecording({
      api,
      recordingId,
      patience,
      onProgress: (share) => onProgress(SENDING + share * (1 - SENDING)),
    });
    await pending.forget();
    const transcript = await findTranscript(api, recordingId);
    const segments = transcript?.segments ?? [];
    return {
      recordingId,
      file,
      language: transcript?.language ?? language,
      durationMs: recording.durationMs,
      revision: transcript?.revision ?? 1,
      text: segments.map((segment) => segment.text).join(' '),
      segments,
      receipt: recording.receipt,
      model: transcript?.model ?? model ?? '',
      timings: {
        decodeMs: transcriptionMs,
        totalMs: Math.round(clock.monotonic() - options.startedAt),
      },
    };
  } catch (error) {
    // What another run could go on with is kept.
    if (error instanceof SpeakrError && !error.definition.retryable && error.code !== 'unauthorized') {
      await pending.forget();
      if (upload.state === 'open') await api.abortUpload({ params: { upload: upload.id } }).catch(() => {});
    }
    throw error;
  }
}

async function beginOrResume({
  api,
  open,
  patience,
  about,
  size,
}: {
  api: Api;
  open: () => Promise<PendingUpload>;
  patience: Patience;
  about: Omit<UploadStart, 'id' | 'recordingId'>;
  size: number;
}): Promise<{ pending: PendingUpload; upload: Upload }> {
  const earlier = await open();
  if (earlier.isResumed) {
    const params = { upload: earlier.uploadId };
    const upload = await patiently(patience, (signal) =>
      api.getUpload({ params }, { signal }).catch((error: unknown) => {
        if (error instanceof SpeakrError && error.code === 'not_found') return undefined;
        throw error;
      }),
    );
    if (upload !== undefined && upload.state !== 'failed' && fits(upload, size))
      return { pending: earlier, upload };
    await earlier.forget();
    if (upload?.state === 'open') await api.abortUpload({ params }).catch(() => {});
  }
  const pending = earlier.isResumed ? await open() : earlier;
  const { uploadId: id, recordingId } = pending;
  try {
    const upload = await patiently(patience, (signal) =>
      api.beginUpload({ body: { ...about, id, recordingId } }, { signal }),
    );
    return { pending, upload };
  } catch (error) {
    await pending.forget();
    throw error;
  }
}
