import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32c, hasDigest } from './digest.ts';

test('CRC-32C equals the check values of RFC 3720', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(crc32c(bytes), 'base64').toString('hex');
  assert.equal(hex(Buffer.from('123456789')), 'e3069283');
  assert.equal(hex(Buffer.alloc(32)), '8a9136aa');
  assert.equal(hex(Buffer.alloc(32, 0xff)), '62a8ab43');
});

test('a digest fits its own bytes only', async () => {
  const sha256 = {
    algorithm: 'sha256',
    value: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  } as const;
  assert.equal(await hasDigest(Buffer.from('abc'), sha256), true);
  assert.equal(await hasDigest(Buffer.from('abd'), sha256), false);
  const castagnoli = { algorithm: 'crc32c', value: '4waSgw==' } as const;
  assert.equal(await hasDigest(Buffer.from('123456789'), castagnoli), true);
  assert.equal(await hasDigest(Buffer.from('123456780'), castagnoli), false);
});
