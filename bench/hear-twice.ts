import type { Segment } from '@speakr/contracts/transcript';
import { transcribeLive } from '../server/transcriber/live-session.ts';
import type { Recognizer } from '../server/transcriber/recognizer.ts';
import { createSecondPass } from '../server/transcriber/second-pass.ts';
import { SAMPLES_PER_MS } from '../server/transcriber/speech-policy.ts';
import type { Engines } from './engines.ts';

const CHUNK_SAMPLES = 1600;

/** What was heard of a clip. */
export interface Heard {
  readonly live: string;
  readonly second: string;
}

/** A live session in which time stands still while something is decoded, and the second pass behind it. */
export async function hear(
  { recognizer, voiceActivity }: Engines,
  pcm: Buffer,
): Promise<Heard & { decodeSeconds: number }> {
  let underWay = 0;
  let idle: () => void = () => {};
  let decodeSeconds = 0;
  const counting: Recognizer = {
    ...recognizer,
    async decode(samples, options) {
      underWay++;
      try {
        const decoding = await recognizer.decode(samples, options);
        if (options.session === 'second')
          ({ decodeSeconds } = { decodeSeconds: decodeSeconds + decoding.decodeSeconds });
        return decoding;
      } finally {
        underWay--;
        setImmediate(() => idle());
      }
    },
  };
  const total = pcm.length / 2;
  let read = 0;
  const chunksFrom = async function* (from: number) {
    for (let at = from; at < total; at += CHUNK_SAMPLES)
      yield { track: 0, offset: at, pcm: pcm.subarray(at * 2, (at + CHUNK_SAMPLES) * 2) };
  };
  const signal = new AbortController().signal;
  const finals: Segment[] = [];
  let newest: Segment[] = [];
  const shared = { recognizer: counting, voiceActivity, language: 'en', signal };
  const secondPass = createSecondPass({
    ...shared,
    openAudio: chunksFrom,
    session: 'second',
    isAlone: () => true,
    log: { warn: (fields) => process.stderr.write(`${JSON.stringify(fields)}\n`) },
    async onRevised({ replaced, sentences }) {
      const at = newest.findIndex(({ id }) => id === replaced[0]?.id);
      const segments = sentences.map((sentence, index) => ({
        ...sentence,
        id: `2.0.${at}.${index}`,
        track: 0,
      }));
      newest = [...newest.slice(0, at), ...segments, ...newest.slice(at + replaced.length)];
    },
  });
  async function* paced() {
    for await (const chunk of chunksFrom(0)) {
      while (underWay > 0) await new Promise<void>((resolve) => (idle = resolve));
      await new Promise(setImmediate);
      read = chunk.offset + chunk.pcm.length / 2;
      yield chunk;
    }
    secondPass.audioEnded(total / SAMPLES_PER_MS);
  }
  const clock = { now: () => read / SAMPLES_PER_MS, monotonic: () => read / SAMPLES_PER_MS };
  await transcribeLive({
    ...shared,
    chunks: paced(),
    fromSample: 0,
    available: () => read,
    session: 'live',
    clock,
    onPartial() {},
    async onFinal({ segment, text, startMs, endMs, words, ...decoded }) {
      if (text === '') return;
      const final = { id: `1.0.${segment}`, track: 0, startMs, endMs, text, words };
      finals.push(final);
      newest.push(final);
      secondPass.add(final, decoded);
    },
    onState: ({ throughSample }) => secondPass.quietUntil(throughSample / SAMPLES_PER_MS),
  });
  await secondPass.finish(600_000);
  const text = (segments: readonly Segment[]) => segments.map((segment) => segment.text).join(' ');
  return { live: text(finals), second: text(newest), decodeSeconds };
}
