import type { AudioLog } from '../audio-log/audio-log.ts';
import type { Instruments } from './instruments.ts';

const SAMPLE_RATE = 16_000;
/** One chunk in so many is followed from the socket to the disk. */
const SAMPLED = 50;

/** Audio whose acknowledgement is awaited: one stretch a track at a time is enough to know how long it takes. */
interface Awaited {
  readonly end: number;
  readonly since: number;
}

/** The audio log, measured: what comes in, and how long it takes to be durable. */
export function observedAudioLog(audioLog: AudioLog, { metrics, tracing }: Instruments): AudioLog {
  const awaited = new Map<string, Map<number, Awaited>>();
  let appended = 0;

  return {
    ...audioLog,
    async append(owner, id, chunk) {
      const samples = 'pcm' in chunk ? chunk.pcm.byteLength / 2 : chunk.gapSamples;
      const tracks = awaited.get(`${owner}/${id}`);
      if (tracks !== undefined && !tracks.has(chunk.track))
        tracks.set(chunk.track, { end: chunk.offset + samples, since: performance.now() });
      const append = () => audioLog.append(owner, id, chunk);
      appended += 1;
      if (appended % SAMPLED === 1)
        await tracing.span(
          'audio append',
          { attributes: { 'speakr.recording': id, 'speakr.samples': samples } },
          append,
        );
      else await append();
      metrics.count('speakr_audio_received_seconds_total', {}, samples / SAMPLE_RATE);
    },
    onDurable(owner, id, listener) {
      const key = `${owner}/${id}`;
      const tracks = awaited.get(key) ?? new Map<number, Awaited>();
      awaited.set(key, tracks);
      const stop = audioLog.onDurable(owner, id, (track, durable) => {
        const waiting = tracks.get(track);
        if (waiting !== undefined && durable >= waiting.end) {
          tracks.delete(track);
          metrics.observe('speakr_audio_ack_seconds', {}, (performance.now() - waiting.since) / 1000);
        }
        listener(track, durable);
      });
      return () => {
        stop();
        if (awaited.get(key) === tracks) awaited.delete(key);
      };
    },
  };
}
