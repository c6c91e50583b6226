import type { Notes } from '@speakr/contracts/notes';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Receipt } from '@speakr/contracts/recording';
import { type ServerMessage, STREAM_PROTOCOL, samplesToMs } from '@speakr/contracts/stream';
import { impatience } from './patience.ts';
import { reopenSpool, type Spool, type SpoolEnvironment } from './spool.ts';
import type { SpoolTrack } from './spool-track.ts';
import type { StartUpload } from './uploader.ts';

interface FinishSpoolOptions {
  readonly spool: SpoolEnvironment;
  readonly startUpload: StartUpload;
  onMessage?(message: ServerMessage): void;
  onNotice?(text: string): void;
  /** Called when the server has all of it, before the spool goes; a failure keeps the spool. */
  onReceived?(): Promise<void>;
  /** Gives up when it fires; the spool stays. */
  readonly signal?: AbortSignal;
}

export interface FinishedSpool {
  readonly receipt: Receipt;
  readonly notes?: Notes;
  readonly problem?: SpeakrError;
  /** Server that is still to get it: the one of this machine has finished it in its place. */
  readonly owedTo?: string;
}

/**
 * Hands a recording that was left on this machine to the server, waits until it is finished, and removes the spool,
 * unless the server it is meant for is still to get it.
 * @throws SpeakrError `not_found`, `key_missing`, `unreachable`, or what the server says; the spool stays
 */
export async function finishSpool(recordingId: string, options: FinishSpoolOptions): Promise<FinishedSpool> {
  const spool = await reopenSpool(options.spool, recordingId);
  try {
    const finished = await hand(spool, options);
    if (finished.owedTo === undefined) {
      await options.onReceived?.();
      await spool.remove();
    } else await spool.update({ state: 'captured', here: 'finished' });
    return finished;
  } finally {
    await spool.close();
  }
}

async function hand(
  spool: Spool,
  { startUpload, onMessage, onNotice, signal }: FinishSpoolOptions,
): Promise<FinishedSpool> {
  const { recordingId, language, model, template, source, startedAt, tracks, secret } = spool.meta();
  let notes: Notes | undefined;
  let problem: SpeakrError | undefined;
  const lengths = await Promise.all(spool.tracks.map(measure));
  const upload = startUpload({
    start: {
      type: 'start',
      protocol: STREAM_PROTOCOL,
      recordingId,
      mode: 'live',
      language,
      startedAt,
      source,
      template,
      tracks: [...tracks],
      tags: [...secret.tags],
      ...(model === undefined ? {} : { model }),
      ...(secret.title === undefined ? {} : { title: secret.title }),
      ...(secret.vocabulary === undefined ? {} : { vocabulary: [...secret.vocabulary] }),
      ...(secret.templateText === undefined ? {} : { templateText: secret.templateText }),
    },
    read: (track, fromSample, aborted) => spool.tracks[track]!.read(fromSample, aborted),
    onMessage: (message) => {
      if (message.type === 'notes') notes = message.notes;
      if (message.type === 'ready') problem = undefined;
      if (message.type === 'error') problem = SpeakrError.fromProblem(message.problem);
      onMessage?.(message);
    },
    onConnection: impatience(() => upload.abandon()),
    onTakeOver: () => void spool.update({ here: 'started' }),
    ...(onNotice === undefined ? {} : { onNotice }),
  });
  signal?.addEventListener('abort', () => upload.abandon(), { once: true });
  for (const moment of secret.moments) upload.say(moment);
  const capturedMs = Math.max(
    0,
    ...lengths.map(({ samples, gaps }) => samplesToMs(samples) - samplesToMs(gaps)),
  );
  upload.finish({
    tracks: lengths.map(({ samples }, track) => ({ track, samples })),
    capturedMs,
    spooledMs: capturedMs,
  });
  const { receipt, owedTo } = await upload.done;
  return {
    receipt,
    ...(owedTo === undefined ? {} : { owedTo }),
    ...(notes === undefined ? {} : { notes }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Reads a track once to tell its gaps from its audio. */
async function measure(track: SpoolTrack): Promise<{ samples: number; gaps: number }> {
  let samples = 0;
  let gaps = 0;
  for await (const chunk of track.read(0, new AbortController().signal)) {
    const length = 'pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples;
    samples += length;
    if (!('pcm' in chunk)) gaps += length;
  }
  return { samples, gaps };
}
