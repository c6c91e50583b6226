import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';
import key from '../release-key.json' with { type: 'json' };
import { isSigned } from '../release-signature.ts';

const CHECKSUMS = 'SHA256SUMS';

export const definition = define({
  name: 'verify-download',
  summary: 'Check files of a release of speakr against the key in this one',
  details: `Needs ${CHECKSUMS} and ${CHECKSUMS}.sig of the release beside them.`,
  group: 'Care',
  arguments: [{ name: 'files', repeat: true, summary: 'Downloaded files' }],
  examples: ['speakr verify-download speakr-1.2.3-linux-x64.tar.xz'],
});

/** @throws SpeakrError `download_invalid`, `file_missing` */
export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'io' | 'output'>,
  publicKey: string = key.publicKey,
): Promise<void> {
  if (publicKey === '')
    throw new SpeakrError('download_invalid', 'This speakr was built without a key for releases.');
  for (const file of options.files) {
    const path = resolve(context.io.cwd, file);
    const sums = await read(join(dirname(path), CHECKSUMS));
    if (!isSigned(sums, (await read(join(dirname(path), `${CHECKSUMS}.sig`))).toString(), publicKey))
      throw new SpeakrError('download_invalid', `${CHECKSUMS} was not signed by whoever releases speakr.`);
    const name = basename(path);
    const line = sums
      .toString()
      .split('\n')
      .find((each) => each.slice(66) === name);
    if (line === undefined) throw new SpeakrError('download_invalid', `${CHECKSUMS} does not name ${name}.`);
    if (!line.startsWith(await sha256(path)))
      throw new SpeakrError('download_invalid', `${name} is not what was released.`);
    context.output.talk(`${name} is what was released.`);
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SpeakrError('file_missing', `${path} cannot be read.`, { cause });
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new SpeakrError('file_missing', `${path} cannot be read.`, { cause });
  }
  return hash.digest('hex');
}
