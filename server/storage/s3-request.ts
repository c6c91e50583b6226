import { createHash } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import { AwsV4Signer } from 'aws4fetch';
import { Agent, request as send } from 'undici';

export interface S3Options {
  /** `https://s3.example.org`; the bucket is put into the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Key of an object; the bucket itself when absent. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Statuses that are answers, besides 2xx. */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal;
}

const TRIES = 5;
const FIRST_WAIT_MS = 200;
/** To the first byte of an answer, ms; a part of 8 MiB takes its time on a slow line. */
const ANSWER_MS = 60_000;

const isTransient = (status: number) => status >= 500 || status === 429 || status === 409;

/** An answer whose head is there. */
export interface S3Answer {
  readonly status: number;
  header(name: string): string | undefined;
  /** What comes behind the head. Whoever wants none of it says so, or the connection stays taken. */
  readonly body: AsyncIterable<Buffer>;
  text(): Promise<string>;
  dump(): Promise<void>;
}

/**
 * One signed request, tried again when it may help. The digest of the body is signed, so that the server refuses what
 * was damaged on the way. Not by `fetch`, which takes ten times the processor for a large body.
 */
export function createS3Client({ endpoint, bucket, ...credentials }: S3Options) {
  /** Keys that are made of the secret for each day. */
  const cache = new Map<string, ArrayBuffer>();
  // Its own: the global one is that of Node's fetch when that was asked first, and Node 24.21 dies of an assertion when
  // an answer without length ends while nobody reads it (nodejs/undici#5360).
  const dispatcher = new Agent();

  return async function request(options: S3Request): Promise<S3Answer> {
    const { method, key = '', query = {}, headers = {}, body, accept = [], signal } = options;
    const url = new URL(`${endpoint.replace(/\/+$/, '')}/${bucket}${key && `/${key}`}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const digest = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    const attempt = async (): Promise<S3Answer> => {
      const given = { ...headers, 'x-amz-content-sha256': digest };
      const signer = new AwsV4Signer({
        ...credentials,
        method,
        url: url.href,
        headers: given,
        service: 's3',
        cache,
      });
      const signed = await signer.sign();
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), ANSWER_MS);
      try {
        const answer = await send(signed.url, {
          dispatcher,
          method,
          headers: Object.fromEntries(signed.headers),
          body: body ?? null,
          bodyTimeout: ANSWER_MS,
          signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        });
        return {
          status: answer.statusCode,
          header: (name) => [answer.headers[name]].flat()[0],
          body: answer.body,
          text: () => answer.body.text(),
          dump: () => answer.body.dump(),
        };
      } finally {
        clearTimeout(timer);
      }
    };
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      let failure: unknown;
      try {
        const answer = await attempt();
        if ((answer.status >= 200 && answer.status < 300) || accept.includes(answer.status)) return answer;
        const text = await answer.text().catch(() => '');
        const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? '';
        failure = new Error(`the object storage answered ${answer.status} ${code}`.trim());
        if (!isTransient(answer.status)) throw refused(failure);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof SpeakrError) throw error;
        failure = error;
      }
      if (tries >= TRIES)
        throw new SpeakrError('unavailable', 'The object storage does not answer.', { cause: failure });
      const waitMs = FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
}

const refused = (cause: unknown) =>
  new SpeakrError('internal', 'The object storage refused a request.', { cause });

export type RequestS3 = ReturnType<typeof createS3Client>;

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Contents of all elements of that name, in S3's flat XML. */
export function elementsOf(xml: string, name: string): string[] {
  const found = xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'));
  return [...found].map(([, text = '']) => text);
}

/** Text of the first element of that name. */
export const textOf = (xml: string, name: string): string | undefined =>
  elementsOf(xml, name)[0]?.replace(/&(\w+);/g, (all, entity: string) => entities[entity] ?? all);
