/**
 * `node scripts/images/scan-images.ts`: asks Grype for known vulnerabilities of what the images are made of, and ends
 * with 1 when one is critical that deploy/docker/grype.yaml does not accept, with its reason. All images are of the same
 * layers, so one of them is looked at.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { billOf } from './image-bill.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const bill = billOf(root, `localhost/speakr:${version}`);
const config = path.join(root, 'deploy', 'docker', 'grype.yaml');
const { status, error } = spawnSync('grype', [`sbom:${bill}`, '--config', config, '--quiet'], {
  stdio: 'inherit',
});
if (error !== undefined)
  throw new Error(`grype could not be started: ${error.message}. See scripts/ci/image-tools.sh.`);
process.exitCode = status ?? 1;
