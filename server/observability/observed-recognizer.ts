import type { Recognizer } from '../transcriber/recognizer.ts';
import type { Instruments } from './instruments.ts';

const SAMPLE_RATE = 16_000;

/** A recognizer, measured: decoder time apart from what was waited for a worker. */
export function observedRecognizer(recognizer: Recognizer, { metrics, tracing }: Instruments): Recognizer {
  return {
    ...recognizer,
    decode(samples, options) {
      const { priority } = options;
      // The samples may be handed to another thread.
      const audioSeconds = samples.length / SAMPLE_RATE;
      const attributes = { 'speakr.priority': priority, 'speakr.audio_seconds': audioSeconds };
      return tracing.span('decode', { attributes }, async () => {
        const began = performance.now();
        const decoding = await recognizer.decode(samples, options);
        const seconds = (performance.now() - began) / 1000;
        const { decodeSeconds, worked } = decoding;
        if (worked !== undefined) tracing.record('decode in a worker thread', worked.startMs, worked.endMs);
        metrics.observe('speakr_decode_seconds', { priority }, decodeSeconds);
        metrics.observe('speakr_decode_wait_seconds', { priority }, Math.max(0, seconds - decodeSeconds));
        metrics.count('speakr_decoded_audio_seconds_total', { priority }, audioSeconds);
        return decoding;
      });
    },
  };
}
