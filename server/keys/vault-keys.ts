import { hkdfSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';
import type { Keys } from './keys.ts';

export interface VaultOptions {
  /** `https://vault.example.org:8200` */
  readonly url: string;
  /** Token, renewed in this file by whoever issues it (Vault Agent). Read anew when Vault refuses it. */
  readonly tokenFile: string;
  /** Where the transit engine is mounted. */
  readonly mount?: string;
  /** Name of the key in it: `aes256-gcm96`, derived. */
  readonly keyName?: string;
  readonly namespace?: string;
}

const Encrypted = z.object({ data: z.object({ ciphertext: z.string().startsWith('vault:v') }) });
const Decrypted = z.object({ data: z.object({ plaintext: z.string() }) });
const Hmac = z.object({ data: z.object({ hmac: z.string().startsWith('vault:v') }) });

const KEY_BYTES = 32;
const ANSWER_MS = 5000;
const TRIES = 4;
const FIRST_WAIT_MS = 100;
/** Derived keys must stay what they are when the key is rotated. */
const DERIVING_VERSION = 1;

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');

/**
 * Keys behind the transit engine of Vault or OpenBao. The wrapping key never leaves it: each owner has a key derived
 * from it, each context is authenticated with the ciphertext. Rotating the key keeps what is wrapped readable.
 */
export function createVaultKeys(options: VaultOptions): Keys {
  const { url, tokenFile, mount = 'transit', keyName = 'speakr', namespace } = options;
  const base = `${url.replace(/\/+$/, '')}/v1/${mount}`;
  let token: Promise<string> | undefined;
  const readToken = () => {
    token ??= readFile(tokenFile, 'utf8').then(
      (text) => text.trim(),
      (cause: unknown) => {
        token = undefined;
        throw new SpeakrError('config_invalid', `The token file ${tokenFile} cannot be read.`, { cause });
      },
    );
    return token;
  };

  async function ask(path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${base}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'x-vault-token': await readToken(),
        'x-vault-request': 'true',
        ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** @returns the answer to a request that Vault carried out, undefined for one that it refuses as wrong (400) */
  async function call(path: string, body?: object): Promise<unknown> {
    let cause: unknown;
    for (let tries = 1; tries <= TRIES; tries += 1) {
      try {
        const answer = await ask(path, body);
        if (answer.status < 300) return answer.body;
        if (answer.status === 400) return undefined;
        cause = new Error(`Vault answered ${answer.status}`);
        // The token has run out, and there is a new one by now.
        if (answer.status === 403) token = undefined;
        else if (answer.status < 500 && answer.status !== 429 && answer.status !== 412) break;
      } catch (error) {
        if (error instanceof SpeakrError) throw error;
        cause = error;
      }
      if (tries < TRIES)
        await new Promise((resolve) =>
          setTimeout(resolve, FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2)),
        );
    }
    throw new SpeakrError('unavailable', 'The key service does not answer.', { cause });
  }

  return {
    async prepare() {
      const made = await call(`keys/${keyName}`, { type: 'aes256-gcm96', derived: true });
      if (made === undefined) await call(`keys/${keyName}`);
    },

    async wrap(owner, dataKey, context) {
      const answer = await call(`encrypt/${keyName}`, {
        plaintext: base64(dataKey),
        context: base64(owner),
        associated_data: base64(context),
      });
      if (answer === undefined)
        throw new SpeakrError('key_missing', `The key service has no usable key ${keyName}.`);
      return Buffer.from(Encrypted.parse(answer).data.ciphertext, 'utf8');
    },

    async unwrap(owner, wrapped, context) {
      const answer = await call(`decrypt/${keyName}`, {
        ciphertext: Buffer.from(wrapped).toString('utf8'),
        context: base64(owner),
        associated_data: base64(context),
      });
      if (answer === undefined)
        throw new SpeakrError('key_missing', 'The key service does not open this key.');
      return Buffer.from(Decrypted.parse(answer).data.plaintext, 'base64');
    },

    async derive(owner, purpose) {
      const answer = await call(`hmac/${keyName}/sha2-256`, {
        input: base64(`speakr/derive/${purpose}/${owner}`),
        key_version: DERIVING_VERSION,
      });
      if (answer === undefined)
        throw new SpeakrError('key_missing', `The key service has no usable key ${keyName}.`);
      const mac = Buffer.from(Hmac.parse(answer).data.hmac.split(':')[2] ?? '', 'base64');
      return Buffer.from(hkdfSync('sha256', mac, '', `speakr/${purpose}/${owner}`, KEY_BYTES));
    },
  };
}
