import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Keys } from './keys.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** One line: format, key in base64, and a digest that tells a damaged file from another key. */
const FORMAT = 'speakr-key-1';

const digest = (key: Uint8Array) =>
  createHash('sha256').update(FORMAT).update(key).digest('hex').slice(0, 16);
const encode = (key: Uint8Array) => `${FORMAT} ${Buffer.from(key).toString('base64')} ${digest(key)}\n`;

function decode(text: string, path: string): Buffer {
  const [format, body, check] = text.trim().split(' ');
  const key = Buffer.from(body ?? '', 'base64');
  if (format !== FORMAT || key.length !== KEY_BYTES || check !== digest(key)) {
    throw new SpeakrError('key_missing', `The key file ${path} is damaged.`);
  }
  return key;
}

async function read(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SpeakrError('key_missing', `The key file ${path} cannot be read.`, { cause: error });
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(path, 0o600);
  return decode(text, path);
}

/** A link, unlike a rename, never replaces the key another process has just made. */
async function create(path: string): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = join(directory, `.${randomUUID()}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(encode(randomBytes(KEY_BYTES)));
    await file.sync();
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

/**
 * Keys on the own machine: one random master key in a file (0600), one key per owner and purpose derived from it.
 * The file is read on first use. A missing one is made by `prepare`, or on first use as long as none of `protects`
 * exists; after that a new key would only hide that the old one is lost.
 * @param protects what is written with the key; by default the database of the same data directory
 */
export function createKeyFile({
  path,
  protects = [join(dirname(path), '..', 'speakr.db')],
}: {
  path: string;
  protects?: readonly string[];
}): Keys {
  let master: Promise<Buffer> | undefined;
  const load = async (mayCreate: boolean) => {
    const known = await read(path);
    if (known) return known;
    if (!mayCreate) throw new SpeakrError('key_missing', `The key file ${path} is missing.`);
    await create(path);
    const created = await read(path);
    if (!created) throw new SpeakrError('key_missing', `The key file ${path} vanished.`);
    return created;
  };
  const once = (mayCreate: boolean) => {
    master ??= load(mayCreate).catch((error: unknown) => {
      master = undefined;
      throw error;
    });
    return master;
  };
  const keyFor = async (purpose: string, owner: string) => {
    const key = await once(!protects.some((file) => existsSync(file)));
    return Buffer.from(hkdfSync('sha256', key, '', `speakr/${purpose}/${owner}`, KEY_BYTES));
  };
  const additional = (owner: string, context: string) => Buffer.from(`${owner}\0${context}`);

  return {
    async prepare() {
      await once(true);
    },
    async wrap(owner, dataKey, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', await keyFor('wrap', owner), nonce);
      cipher.setAAD(additional(owner, context));
      const body = Buffer.concat([cipher.update(dataKey), cipher.final()]);
      return Buffer.concat([nonce, body, cipher.getAuthTag()]);
    },
    async unwrap(owner, wrapped, context) {
      const key = await keyFor('wrap', owner);
      try {
        const cipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE_BYTES));
        cipher.setAAD(additional(owner, context));
        cipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
        return Buffer.concat([cipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), cipher.final()]);
      } catch (error) {
        throw new SpeakrError('key_missing', `The key in ${path} is not the one the data was written with.`, {
          cause: error,
        });
      }
    },
    derive: (owner, purpose) => keyFor(`derive/${purpose}`, owner),
  };
}
