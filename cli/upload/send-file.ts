import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Upload } from '@speakr/contracts/uploads';
import type { Api } from '../embedded.ts';
import { type Patience, patiently } from './patiently.ts';

export interface SendFileOptions {
  readonly api: Pick<Api, 'putUploadPart' | 'completeUpload'>;
  readonly path: string;
  /** Size of the file, bytes. */
  readonly bytes: number;
  /** As it stands: what is there already is not sent again. */
  readonly upload: Upload;
  readonly patience: Patience;
  /** Told the share that is there, 0 to 1. */
  onSent(share: number): void;
}

/** How large each part of a file is, bytes. */
export const partSizes = (bytes: number, partBytes: number): number[] =>
  Array.from({ length: Math.ceil(bytes / partBytes) }, (_, index) =>
    Math.min(partBytes, bytes - index * partBytes),
  );

/** Whether what is there are parts of such a file: an earlier server may have wanted other sizes. */
export const fits = ({ parts, partBytes }: Upload, bytes: number): boolean => {
  const sizes = partSizes(bytes, partBytes);
  return parts.every((part) => sizes[part.part - 1] === part.bytes);
};

/**
 * Sends the parts of a file that are not there yet, each with its checksum, and says that it is whole. One part at a
 * time is in memory.
 * @throws SpeakrError `conflict` when the file has changed; those of the server
 */
export async function sendFile(options: SendFileOptions): Promise<Upload> {
  const { api, path, bytes, upload, patience, onSent } = options;
  const params = { upload: upload.id };
  const sizes = partSizes(bytes, upload.partBytes);
  const there = new Set(upload.parts.map(({ part }) => part));
  const file = await open(path);
  try {
    let sent = upload.bytes;
    onSent(sent / bytes);
    for (const [index, size] of sizes.entries()) {
      const part = index + 1;
      if (there.has(part)) continue;
      const content = await readPart(file, path, index * upload.partBytes, size);
      const sha256 = createHash('sha256').update(content).digest('hex');
      await patiently(patience, (signal) =>
        api.putUploadPart({ params: { ...params, part }, query: { sha256 }, content }, { signal }),
      );
      sent += size;
      onSent(sent / bytes);
    }
    if ((await file.stat()).size !== bytes) throw changed(path);
  } finally {
    await file.close();
  }
  return patiently(patience, (signal) =>
    api.completeUpload({ params, body: { parts: sizes.length } }, { signal }),
  );
}

async function readPart(file: FileHandle, path: string, from: number, size: number): Promise<Uint8Array> {
  const content = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(content, length, size - length, from + length);
    if (bytesRead === 0) throw changed(path);
    length += bytesRead;
  }
  return content;
}

const changed = (path: string) =>
  new SpeakrError('conflict', `${path} has changed while it was sent.`, {
    hint: 'Send it again when nobody writes to it any more.',
  });
