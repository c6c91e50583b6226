import { type SourceChunk, startLiveSession } from '@speakr/client/live-session';
import { STREAM_PATH } from '@speakr/contracts/api';
import { type ServerMessage, STREAM_PROTOCOL, samplesToMs } from '@speakr/contracts/stream';
import { v7 as uuidv7 } from 'uuid';
import type { LiveLogLine } from './live-log.ts';

const CHUNK_SAMPLES = 1600;

export interface PlayOptions {
  /** Number of the stream, for the log. */
  readonly stream: number;
  readonly clip: string;
  /** PCM16 mono 16 kHz. */
  readonly pcm: Buffer;
  onMode?(mode: string): void;
}

/**
 * One recording over a socket, its chunks as they would come from a microphone.
 * @returns what was shown when
 * @throws Error when the server says one, or its receipt is not whole
 */
export async function playClip(
  { url, token }: { readonly url: string; readonly token: string },
  { stream, clip, pcm, onMode }: PlayOptions,
): Promise<LiveLogLine[]> {
  const samples = pcm.length / 2;
  const lines: LiveLogLine[] = [];
  const started = performance.now();
  const now = () => (performance.now() - started) / 1000;
  const stop = samples / 16_000;
  let done = stop;
  async function* read(track: number, fromSample: number): AsyncGenerator<SourceChunk> {
    for (let from = fromSample; from < samples; from += CHUNK_SAMPLES) {
      const to = Math.min(samples, from + CHUNK_SAMPLES);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, to / 16 - now() * 1000)));
      yield { track, offset: from, pcm: pcm.subarray(from * 2, to * 2) };
    }
  }
  const hear = (message: ServerMessage) => {
    if (message.type === 'state') onMode?.(message.mode);
    if (message.type === 'error') throw new Error(message.problem.code);
    if (message.type !== 'partial' && message.type !== 'final') return;
    const shown = { stream, clip, t: now(), seg: Number(message.segmentId.split('.')[2]) };
    if (message.type === 'final') {
      lines.push({ ...shown, k: 'f', text: message.text });
      done = Math.max(done, now());
    } else lines.push({ ...shown, k: 'p', text: message.stable }, { ...shown, k: 'q', text: message.text });
  };
  const target = new URL(STREAM_PATH, url);
  target.protocol = 'ws';
  const session = startLiveSession({
    connect: () => new WebSocket(target, ['speakr.v1', `speakr.token.${token}`]),
    start: {
      type: 'start',
      protocol: STREAM_PROTOCOL,
      recordingId: uuidv7(),
      mode: 'live',
      language: 'en',
      startedAt: Date.now(),
      source: clip,
      template: 'general',
      tracks: [{ track: 0, label: 'me' }],
      tags: [],
    },
    read,
    onMessage: hear,
    onConnection() {},
  });
  await new Promise((resolve) => setTimeout(resolve, stop * 1000));
  const capturedMs = samplesToMs(samples);
  session.finish({ tracks: [{ track: 0, samples }], capturedMs, spooledMs: capturedMs });
  const { receipt } = await session.done;
  if (receipt.gaps.length > 0 || receipt.transcribedMs < Math.floor(stop * 1000) - 1)
    throw new Error(`${clip}: of ${stop} s only ${receipt.transcribedMs} ms were transcribed.`);
  lines.push({ k: 'end', stream, clip, stop, done });
  return lines;
}
