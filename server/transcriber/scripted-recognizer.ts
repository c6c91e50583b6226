import { setTimeout as delay } from 'node:timers/promises';
import type { DecodeOptions, Decoding, Recognizer, RecognizerCapabilities } from './recognizer.ts';

/** What the scripted recognizer does when it is asked the next time: says a text, or more. */
export type ScriptedTurn =
  | string
  | {
      readonly text?: string;
      readonly words?: Decoding['words'];
      readonly confidences?: Decoding['confidences'];
      /** Time the decode takes. */
      readonly delayMs?: number;
      /** Thrown after the delay. */
      readonly error?: Error;
    };

export interface ScriptedRecognizer extends Recognizer {
  /** What was asked so far. */
  readonly calls: readonly { readonly samples: number; readonly options: DecodeOptions }[];
  readonly closed: boolean;
}

/**
 * A recognizer for tests that plays turns in order, whatever the audio.
 * @param options `loop` begins again at the first turn; without it, being asked too often is an error
 */
export function scriptedRecognizer(
  turns: readonly ScriptedTurn[],
  {
    loop = false,
    model = 'scripted',
    capabilities = { languages: ['en'], wordTimes: false, keyTerms: false },
  }: { loop?: boolean; model?: string; capabilities?: RecognizerCapabilities } = {},
): ScriptedRecognizer {
  const calls: { samples: number; options: DecodeOptions }[] = [];
  let closed = false;
  return {
    model,
    capabilities,
    calls,
    get closed() {
      return closed;
    },
    async warm() {},
    async decode(samples, options) {
      const index = calls.length;
      calls.push({ samples: samples.length, options });
      const turn = loop ? turns[index % turns.length] : turns[index];
      if (turn === undefined)
        throw new Error(`The script has ${turns.length} turns; this is call ${index + 1}.`);
      const {
        text = '',
        words,
        confidences,
        delayMs = 0,
        error,
      }: Exclude<ScriptedTurn, string> = typeof turn === 'string' ? { text: turn } : turn;
      if (delayMs > 0) await delay(delayMs, undefined, { signal: options.signal });
      options.signal?.throwIfAborted();
      if (error !== undefined) throw error;
      return {
        text,
        decodeSeconds: delayMs / 1000,
        ...(words && { words }),
        ...(confidences && { confidences }),
      };
    },
    async close() {
      closed = true;
    },
  };
}
