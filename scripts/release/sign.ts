import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import {
  BEGIN,
  END,
  field,
  HASH,
  KEY_TYPE,
  MAGIC,
  NAMESPACE,
  SPKI_PREFIX,
  signedBytes,
} from '../../cli/release-signature.ts';

const publicBytes = (key: KeyObject) =>
  key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);

/** A public key as one line, as in `authorized_keys`. */
export const publicKeyLine = (privateKey: KeyObject): string =>
  `${KEY_TYPE} ${Buffer.concat([field(KEY_TYPE), field(publicBytes(createPublicKey(privateKey)))]).toString('base64')}`;

/** @param pem an ed25519 key in PKCS #8. @throws Error when it is another one */
export function readPrivateKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the key for releases is no ed25519 key');
  return key;
}

/** Signs `message`. @returns the text of a `.sig` file */
export function signMessage(message: Buffer, privateKey: KeyObject): string {
  const publicKey = Buffer.concat([field(KEY_TYPE), field(publicBytes(createPublicKey(privateKey)))]);
  const signature = sign(null, signedBytes(message), privateKey);
  const version = Buffer.alloc(4);
  version.writeUInt32BE(1);
  const blob = Buffer.concat([
    MAGIC,
    version,
    field(publicKey),
    field(NAMESPACE),
    field(''),
    field(HASH),
    field(Buffer.concat([field(KEY_TYPE), field(signature)])),
  ]);
  return `${BEGIN}\n${blob.toString('base64').replace(/.{70}/g, '$&\n').trimEnd()}\n${END}\n`;
}
