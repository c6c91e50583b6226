/**
 * In the workflow: takes the executables that every system made (build/executables/executable-<target>/) and the images
 * (build/images) and makes the release of them in build/release, for the tag in SPEAKR_TAG.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { version } from '../../cli/version.ts';
import { programName, targets } from '../executable/target.ts';
import { environment } from './environment.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const { tag, repositoryUrl } = environment();
if (tag !== `v${version}`) throw new Error(`The tag is ${tag}, and this is version ${version}.`);
const made = path.join(root, 'build', 'executables');
for (const target of targets) {
  const folder = path.join(made, target);
  if (!existsSync(folder)) renameSync(path.join(made, `executable-${target}`), folder);
  // Artefacts of a workflow lose the permission to run.
  chmodSync(path.join(folder, programName(target)), 0o755);
}
const output = path.join(root, 'build', 'release');
mkdirSync(output, { recursive: true });
const { status } = spawnSync(
  process.execPath,
  [
    path.join(root, 'scripts', 'release', 'make-release.ts'),
    '--binaries',
    made,
    '--out',
    output,
    '--base-url',
    `${repositoryUrl}/releases/download/${tag}`,
    '--homepage',
    repositoryUrl,
    '--images',
    path.join(root, 'build', 'images'),
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
