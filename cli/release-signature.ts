/**
 * Signatures as OpenSSH makes them (`ssh-keygen -Y sign`), with an ed25519 key: `ssh-keygen` is there on Linux, macOS
 * and Windows, so that an installer can check them without anything else.
 * Format: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

export const MAGIC = Buffer.from('SSHSIG');
export const KEY_TYPE = 'ssh-ed25519';
export const HASH = 'sha512';
export const BEGIN = '-----BEGIN SSH SIGNATURE-----';
export const END = '-----END SSH SIGNATURE-----';
/** A public key in DER ends with its 32 bytes; this is what comes before (RFC 8410). */
export const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** What a signature is for; another purpose needs another one. */
export const NAMESPACE = 'speakr-release';

/** A string of the SSH wire format (RFC 4251): length, bytes. */
export function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function readFields(bytes: Buffer, count: number): Buffer[] {
  let at = 0;
  return Array.from({ length: count }, () => {
    const length = bytes.readUInt32BE(at);
    const start = at + 4;
    at = start + length;
    if (at > bytes.length) throw new Error('the signature is cut off');
    return bytes.subarray(start, at);
  });
}

/** What the key signs: the message's hash, and what it is for. */
export const signedBytes = (message: Buffer) =>
  Buffer.concat([
    MAGIC,
    field(NAMESPACE),
    field(''),
    field(HASH),
    field(createHash(HASH).update(message).digest()),
  ]);

/**
 * Whether `signature` is one of `message` by the key of `keyLine`, for this purpose.
 * @param keyLine `ssh-ed25519 AAAA…`
 */
export function isSigned(message: Buffer, signature: string, keyLine: string): boolean {
  try {
    const armoured = signature.slice(signature.indexOf(BEGIN) + BEGIN.length, signature.indexOf(END));
    const blob = Buffer.from(armoured, 'base64');
    if (!blob.subarray(0, MAGIC.length).equals(MAGIC) || blob.readUInt32BE(MAGIC.length) !== 1) return false;
    const [key, namespace, , hash, signed] = readFields(blob.subarray(MAGIC.length + 4), 5);
    const expected = Buffer.from(keyLine.split(' ')[1] ?? '', 'base64');
    if (!key?.equals(expected) || namespace?.toString() !== NAMESPACE || hash?.toString() !== HASH)
      return false;
    const [, raw] = readFields(expected, 2);
    const [, bytes] = readFields(signed ?? Buffer.alloc(0), 2);
    const publicKey = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, raw ?? Buffer.alloc(0)]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, signedBytes(message), publicKey, bytes ?? Buffer.alloc(0));
  } catch {
    return false;
  }
}
