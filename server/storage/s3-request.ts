import { createHash } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import { AwsClient } from 'aws4fetch';

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

/**
 * One signed request, tried again when it may help. The digest of the body is signed, so that the server refuses what
 * was damaged on the way.
 */
export function createS3Client({ endpoint, bucket, ...credentials }: S3Options) {
  const client = new AwsClient({ ...credentials, service: 's3', retries: 0 });

  return async function request(options: S3Request): Promise<Response> {
    const { method, key = '', query = {}, headers = {}, body, accept = [], signal } = options;
    const url = new URL(`${endpoint.replace(/\/+$/, '')}/${bucket}${key && `/${key}`}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const digest = createHash('sha256')
      .update(body ?? '')
      .digest('hex');
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      let failure: unknown;
      try {
        const late = new AbortController();
        const timer = setTimeout(() => late.abort(), ANSWER_MS);
        const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
        const response = await client
          .fetch(url, {
            method,
            headers: { ...headers, 'x-amz-content-sha256': digest },
            ...(body === undefined ? {} : { body: body as string | Buffer<ArrayBuffer> }),
            signal: either,
          })
          .finally(() => clearTimeout(timer));
        if (response.ok || accept.includes(response.status)) return response;
        const text = await response.text().catch(() => '');
        const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? '';
        failure = new Error(`the object storage answered ${response.status} ${code}`.trim());
        if (!isTransient(response.status)) throw refused(failure);
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
