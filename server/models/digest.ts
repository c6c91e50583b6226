import type { Digest } from './catalogue-entry.ts';

/** Whether bytes have the digest. Hashing runs off the main thread where the platform offers it. */
export async function hasDigest(bytes: Uint8Array<ArrayBuffer>, digest: Digest): Promise<boolean> {
  return digest.value === (digest.algorithm === 'sha256' ? await sha256(bytes) : crc32c(bytes));
}

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

/** CRC-32C (Castagnoli, RFC 3720 B.4) as base64 of four big-endian bytes, as object stores and the vendor write it. */
export function crc32c(bytes: Uint8Array): string {
  let crc = 0xffffffff;
  for (let index = 0; index < bytes.length; index++) {
    crc = castagnoli[(crc ^ bytes[index]!) & 0xff]! ^ (crc >>> 8);
  }
  const value = Buffer.alloc(4);
  value.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return value.toString('base64');
}

/** Table of the reflected polynomial 0x82f63b78. */
const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});
