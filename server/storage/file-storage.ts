import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { checkKey } from './object-key.ts';
import type { ObjectStorage, StoredObject } from './storage.ts';

const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/** Objects as files (0600) below one directory. */
export function createFileStorage({ directory }: { directory: string }): ObjectStorage {
  const pathOf = (key: string) => join(directory, ...checkKey(key).split('/'));

  async function* walk(folder: string, prefix: string): AsyncGenerator<StoredObject> {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    const names = entries.map((entry) => ({ entry, key: `${prefix}${entry.name}` }));
    // A folder is ordered as its keys are: with the slash.
    const order = ({ entry, key }: (typeof names)[number]) => (entry.isDirectory() ? `${key}/` : key);
    for (const name of names.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))) {
      const { entry, key } = name;
      if (entry.isDirectory()) yield* walk(join(folder, entry.name), `${key}/`);
      else if (!entry.name.startsWith('.')) {
        const { size, mtimeMs } = await stat(join(folder, entry.name));
        yield { key, bytes: size, modifiedAt: Math.round(mtimeMs) };
      }
    }
  }

  return {
    async create(key, body, signal) {
      const path = pathOf(key);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = join(dirname(path), `.${randomUUID()}`);
      const file = await open(draft, 'wx', 0o600);
      let bytes = 0;
      try {
        try {
          for await (const part of body) {
            signal?.throwIfAborted();
            await file.appendFile(part);
            bytes += part.byteLength;
          }
          await file.sync();
        } finally {
          await file.close();
        }
        signal?.throwIfAborted();
        // A link, unlike a rename, never replaces what is there.
        await link(draft, path);
        return bytes;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') throw new SpeakrError('conflict', `There is an object ${key}.`);
        if (noRoom.has(codeOf(error))) throw new SpeakrError('disk_full', undefined, { cause: error });
        throw error;
      } finally {
        await rm(draft, { force: true });
      }
    },

    async size(key) {
      try {
        return (await stat(pathOf(key))).size;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },

    async *read(key, start = 0, end, signal) {
      const path = pathOf(key);
      if (end !== undefined && end <= start) return;
      try {
        const stream = createReadStream(path, {
          start,
          ...(end === undefined ? {} : { end: end - 1 }),
          signal,
        });
        yield* stream as AsyncIterable<Buffer>;
      } catch (error) {
        if (codeOf(error) === 'ENOENT')
          throw new SpeakrError('not_found', `There is no object ${key}.`, { cause: error });
        throw error;
      }
    },

    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const start = folder === '' ? directory : pathOf(folder.slice(0, -1));
      for await (const object of walk(start, folder)) if (object.key.startsWith(prefix)) yield object;
    },

    remove: (key) => rm(pathOf(key), { force: true }),

    // Windows refuses while a reader has a file open.
    removeAll: (folder) =>
      rm(pathOf(folder.replace(/\/$/, '')), {
        recursive: true,
        force: true,
        maxRetries: 10,
        retryDelay: 200,
      }),
  };
}
