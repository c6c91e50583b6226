import { SpeakrError } from '@speakr/contracts/problem';
import { checkKey } from './object-key.ts';
import {
  createS3Client,
  elementsOf,
  type RequestS3,
  type S3Answer,
  type S3Options,
  textOf,
} from './s3-request.ts';
import type { ObjectStorage } from './storage.ts';

/**
 * Bytes of a part; S3 takes 5 MiB and more, and at most 10,000 parts: 80 GB. A little more than what clients send at a
 * time, so that a part of theirs, sealed, is one object in one request.
 */
export const PART_BYTES = 8 * 1024 * 1024 + 64 * 1024;
/** A read that breaks goes on where it was, so often. */
const READ_TRIES = 5;
/** Only where no object is. */
const IF_ABSENT = { 'if-none-match': '*' };

/** Objects in a bucket of any S3 server that knows conditional writes. */
export function createS3Storage(options: S3Options): ObjectStorage {
  const request = createS3Client(options);

  return {
    async create(key, body, signal) {
      checkKey(key);
      let upload: Upload | undefined;
      let bytes = 0;
      /** A part is sent while the next one comes. */
      let sending: Promise<void> = Promise.resolve();
      try {
        let part: Buffer | undefined;
        for await (const next of partsOf(body, signal)) {
          // The last one is known only when there is no other.
          if (part !== undefined) {
            upload ??= await beginUpload(request, key, signal);
            await sending;
            sending = upload.add(part);
            // Told when it is waited for.
            sending.catch(() => {});
          }
          part = next;
          bytes += next.length;
        }
        await sending;
        const last = part ?? Buffer.alloc(0);
        if (upload === undefined) await putWhole(request, key, last, signal);
        else {
          await upload.add(last);
          await upload.complete();
        }
        return bytes;
      } catch (error) {
        await sending.catch(() => {});
        // What cannot be taken back now is taken back with its folder.
        await upload?.abort().catch(() => {});
        signal?.throwIfAborted();
        throw error;
      }
    },

    async size(key, signal) {
      const answer = await request({ method: 'HEAD', key: checkKey(key), accept: [404], signal });
      await answer.dump();
      return answer.status === 404 ? undefined : Number(answer.header('content-length'));
    },

    async *read(key, start = 0, end, signal) {
      checkKey(key);
      if (end !== undefined && end <= start) return;
      let position = start;
      for (let tries = 1; ; tries += 1) {
        const range = `bytes=${position}-${end === undefined ? '' : end - 1}`;
        const answer = await request({
          method: 'GET',
          key,
          headers: { range },
          accept: [404, 416],
          signal,
        });
        if (answer.status === 404 || answer.status === 416) {
          await answer.dump();
          if (answer.status === 404) throw new SpeakrError('not_found', `There is no object ${key}.`);
          return;
        }
        try {
          for await (const bytes of answer.body) {
            position += bytes.byteLength;
            yield bytes;
          }
          return;
        } catch (error) {
          signal?.throwIfAborted();
          if (tries >= READ_TRIES)
            throw new SpeakrError('unavailable', 'The object storage broke off.', { cause: error });
        }
      }
    },

    async *list(prefix, signal) {
      let token: string | undefined;
      do {
        const query = {
          'list-type': '2',
          prefix,
          ...(token === undefined ? {} : { 'continuation-token': token }),
        };
        const xml = await (await request({ method: 'GET', query, signal })).text();
        for (const entry of elementsOf(xml, 'Contents'))
          yield {
            key: textOf(entry, 'Key') ?? '',
            bytes: Number(textOf(entry, 'Size')),
            modifiedAt: Date.parse(textOf(entry, 'LastModified') ?? ''),
          };
        token = textOf(xml, 'IsTruncated') === 'true' ? textOf(xml, 'NextContinuationToken') : undefined;
      } while (token !== undefined);
    },

    async remove(key, signal) {
      await finish(request({ method: 'DELETE', key: checkKey(key), accept: [404], signal }));
    },

    async removeAll(folder, signal) {
      const keys: string[] = [];
      for await (const { key } of this.list(folder, signal)) keys.push(key);
      for (const key of keys) await finish(request({ method: 'DELETE', key, accept: [404], signal }));
      const query = { uploads: '', prefix: folder };
      const xml = await (await request({ method: 'GET', query, signal })).text();
      for (const entry of elementsOf(xml, 'Upload')) {
        const key = textOf(entry, 'Key') ?? '';
        const uploadId = textOf(entry, 'UploadId') ?? '';
        await finish(request({ method: 'DELETE', key, query: { uploadId }, accept: [404], signal }));
      }
    },
  };
}

/** Makes the bucket when it is not there. */
export async function ensureBucket(options: S3Options): Promise<void> {
  const request = createS3Client(options);
  const { status } = await finish(request({ method: 'HEAD', accept: [404] }));
  if (status === 404) await finish(request({ method: 'PUT' }));
}

/** Parts that are there at once: one that comes, the one before it, and the one that is sent. */
const PARTS_HELD = 3;

/**
 * The body in parts of PART_BYTES. PARTS_HELD of them share their memory in turns: a part is there until so many more
 * less one are asked for.
 */
async function* partsOf(body: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const parts: Buffer[] = [];
  let number = 0;
  const room = (): Buffer => {
    const place = number % PARTS_HELD;
    parts[place] ??= Buffer.allocUnsafeSlow(PART_BYTES);
    return parts[place];
  };
  let part = room();
  let length = 0;
  for await (const chunk of body) {
    signal?.throwIfAborted();
    for (let at = 0; at < chunk.byteLength; ) {
      const taken = chunk.subarray(at, at + PART_BYTES - length);
      part.set(taken, length);
      length += taken.byteLength;
      at += taken.byteLength;
      if (length < PART_BYTES) continue;
      yield part;
      number += 1;
      part = room();
      length = 0;
    }
  }
  signal?.throwIfAborted();
  if (length > 0) yield part.subarray(0, length);
}

/** An answer of which only the head is of use. */
async function finish(asked: Promise<S3Answer>): Promise<S3Answer> {
  const answer = await asked;
  await answer.dump();
  return answer;
}

const conflict = (key: string) => new SpeakrError('conflict', `There is an object ${key}.`);

async function putWhole(request: RequestS3, key: string, body: Buffer, signal?: AbortSignal): Promise<void> {
  const put = request({ method: 'PUT', key, body, headers: IF_ABSENT, accept: [412], signal });
  const { status } = await finish(put);
  if (status === 412) throw conflict(key);
}

interface Upload {
  add(part: Buffer): Promise<void>;
  /** @throws SpeakrError `conflict` */
  complete(): Promise<void>;
  abort(): Promise<void>;
}

async function beginUpload(request: RequestS3, key: string, signal?: AbortSignal): Promise<Upload> {
  const begun = await (await request({ method: 'POST', key, query: { uploads: '' }, signal })).text();
  const uploadId = textOf(begun, 'UploadId') ?? '';
  const tags: string[] = [];

  return {
    async add(body) {
      const partNumber = String(tags.length + 1);
      const answer = await finish(
        request({ method: 'PUT', key, query: { partNumber, uploadId }, body, signal }),
      );
      tags.push(answer.header('etag') ?? '');
    },
    async complete() {
      const parts = tags.map(
        (tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
      );
      const body = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      const headers = { ...IF_ABSENT, 'content-type': 'application/xml' };
      const answer = await request({
        method: 'POST',
        key,
        query: { uploadId },
        body,
        headers,
        accept: [412],
        signal,
      });
      // An error on the way to the end comes with the status 200.
      const text = await answer.text();
      if (answer.status === 412) throw conflict(key);
      if (text.includes('<Error>'))
        throw new SpeakrError(
          'unavailable',
          `The object storage could not complete ${textOf(text, 'Code')}.`,
        );
    },
    async abort() {
      await finish(request({ method: 'DELETE', key, query: { uploadId }, accept: [404] }));
    },
  };
}
