/**
 * Makes the key that signs releases, once, by whoever owns the project: pins its public half in cli/release-key.json and
 * prints the private half, which goes into the secret SPEAKR_RELEASE_KEY and nowhere else.
 *
 *   npm run release:key --silent | gh secret set SPEAKR_RELEASE_KEY --env release
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { publicKeyLine } from './sign.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const { privateKey } = generateKeyPairSync('ed25519');
if (process.stdout.isTTY) {
  process.stderr.write(
    'The private key is not shown on a terminal; give stdout to where it shall be kept.\n',
  );
  process.exitCode = 2;
} else {
  const file = path.join(root, 'cli', 'release-key.json');
  writeFileSync(file, `{ "publicKey": "${publicKeyLine(privateKey)}" }\n`);
  process.stdout.write(privateKey.export({ format: 'pem', type: 'pkcs8' }));
}
