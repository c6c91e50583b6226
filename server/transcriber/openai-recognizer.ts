import { SpeakrError } from '@speakr/contracts/problem';
import OpenAI, { APIError, BadRequestError, toFile } from 'openai';
import { z } from 'zod';
import { createFairQueue } from './fair-queue.ts';
import type { DecodeOptions, Decoding, Recognizer } from './recognizer.ts';
import { encodeWav } from './wav.ts';

export interface OpenAiRecognizerOptions {
  /** Model name as the server knows it. */
  readonly model: string;
  /** Up to and with the version, for example `http://gpu.local:8000/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Languages the server may be asked for; those of Whisper unless said. */
  readonly languages?: readonly string[];
  /** Requests under way at once. */
  readonly maxRequests?: number;
  /** Limit of one attempt. */
  readonly timeoutMs?: number;
  /** Attempts after the first one that met a broken connection, 408, 429 or 5xx. */
  readonly maxRetries?: number;
}

/** Languages of Whisper with a code of two letters. */
export const whisperLanguages: readonly string[] = (
  'en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml ' +
  'cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am ' +
  'yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt ln ha ba jw su'
).split(' ');

const Answer = z.object({
  text: z.string(),
  words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).nullish(),
});

/**
 * Whisper looks at the last 224 tokens of a prompt (https://platform.openai.com/docs/guides/speech-to-text#prompting);
 * this many characters are fewer in every language it knows well.
 */
const PROMPT_CHARACTERS = 600;

/** The terms as a list, as many of the first as fit. */
export function promptOf(keyTerms: readonly string[]): string {
  let prompt = '';
  for (const term of keyTerms) {
    const longer = prompt === '' ? term : `${prompt}, ${term}`;
    if (longer.length > PROMPT_CHARACTERS) break;
    prompt = longer;
  }
  return prompt;
}

interface Job {
  start(): void;
}

/** Speech to text by any server that speaks OpenAI's `POST /audio/transcriptions`. */
export function createOpenAiRecognizer({
  model,
  baseUrl,
  apiKey,
  languages = whisperLanguages,
  maxRequests = 4,
  timeoutMs = 60_000,
  maxRetries = 2,
}: OpenAiRecognizerOptions): Recognizer {
  const client = new OpenAI({
    baseURL: baseUrl,
    // The package refuses to start without one; servers without authentication ignore it.
    apiKey: apiKey ?? 'none',
    organization: null,
    project: null,
    maxRetries,
    timeout: timeoutMs,
  });
  const waiting = createFairQueue<Job>();
  let underWay = 0;
  /** Servers that know no `verbose_json` say so once. */
  let verbose = true;

  const pump = () => {
    while (underWay < maxRequests) {
      const job = waiting.shift();
      if (job === undefined) return;
      underWay++;
      job.start();
    }
  };
  const turn = (options: DecodeOptions) =>
    new Promise<void>((resolve, reject) => {
      const { signal } = options;
      const abort = () => {
        if (waiting.remove(job)) reject(signal?.reason);
      };
      const job: Job = {
        start() {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.throwIfAborted();
      signal?.addEventListener('abort', abort, { once: true });
      waiting.push(job, options);
      pump();
    });

  const request = async (
    wav: Uint8Array<ArrayBuffer>,
    { language, signal, keyTerms }: DecodeOptions,
  ): Promise<unknown> => {
    const body = {
      file: await toFile(wav, 'speech.wav', { type: 'audio/wav' }),
      model,
      language,
      temperature: 0,
      ...(keyTerms?.length ? { prompt: promptOf(keyTerms) } : {}),
    };
    if (verbose) {
      try {
        return await client.audio.transcriptions.create(
          { ...body, response_format: 'verbose_json', timestamp_granularities: ['word'] },
          { signal },
        );
      } catch (error) {
        if (!(error instanceof BadRequestError)) throw error;
        verbose = false;
      }
    }
    return client.audio.transcriptions.create({ ...body, response_format: 'json' }, { signal });
  };

  const decode = async (samples: Float32Array, options: DecodeOptions): Promise<Decoding> => {
    const started = performance.now();
    const answer = Answer.safeParse(await request(encodeWav(samples), options).catch(refuse(options.signal)));
    if (!answer.success)
      throw new SpeakrError(
        'recognizer_failed',
        'The recognition server answered in a form that is not known.',
      );
    const decodeSeconds = (performance.now() - started) / 1000;
    const words = answer.data.words?.map(({ word, start, end }) => ({
      text: word.trim(),
      startMs: Math.round(start * 1000),
      endMs: Math.round(end * 1000),
    }));
    return { text: answer.data.text.trim(), decodeSeconds, ...(words?.length ? { words } : {}) };
  };

  return {
    model,
    capabilities: { languages, wordTimes: true, keyTerms: true },
    async warm() {},
    async decode(samples, options) {
      if (!languages.includes(options.language))
        throw new SpeakrError(
          'language_unsupported',
          `${model} does not know the language ${options.language}.`,
        );
      await turn(options);
      try {
        return await decode(samples, options);
      } finally {
        underWay--;
        pump();
      }
    },
    async close() {},
  };
}

/** The server's own words stay out of our errors: they may quote speech or keys. */
const refuse =
  (signal: AbortSignal | undefined) =>
  (error: unknown): never => {
    if (signal?.aborted) throw signal.reason;
    const status = error instanceof APIError ? error.status : undefined;
    throw new SpeakrError(
      'recognizer_failed',
      status === undefined
        ? 'The recognition server cannot be reached or broke the connection.'
        : `The recognition server answered with HTTP status ${status}.`,
      {
        cause: error,
        ...(status === 401 || status === 403 ? { hint: 'Check the key in SPEAKR_RECOGNIZER_KEY_FILE.' } : {}),
      },
    );
  };
