import { createSecretKey } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import { seal, unseal } from './sealed-value.ts';

/** Encrypts the fields of one recording with its data key. */
export interface RecordingCipher {
  readonly dataKey: Uint8Array;
  /** @param field where the value lives, for example `details` or `segment/1/1.0.12` */
  seal(field: string, content: Uint8Array): Uint8Array;
  /** @throws SpeakrError `database_corrupt` */
  unseal(field: string, sealed: Uint8Array): Buffer;
  sealJson(field: string, value: unknown): Uint8Array;
  unsealJson<T>(field: string, sealed: Uint8Array): T;
}

export function createRecordingCipher(
  owner: string,
  recordingId: string,
  dataKey: Uint8Array,
): RecordingCipher {
  const key = createSecretKey(dataKey);
  const context = (field: string) => `${owner}/${recordingId}/${field}`;
  const cipher: RecordingCipher = {
    dataKey,
    seal: (field, content) => seal(key, context(field), content),
    unseal(field, sealed) {
      const content = unseal(key, context(field), sealed);
      if (!content) {
        throw new SpeakrError('database_corrupt', `A stored value of recording ${recordingId} is damaged.`);
      }
      return content;
    },
    sealJson: (field, value) => cipher.seal(field, Buffer.from(JSON.stringify(value))),
    unsealJson: (field, sealed) => JSON.parse(cipher.unseal(field, sealed).toString()),
  };
  return cipher;
}
