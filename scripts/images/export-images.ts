/**
 * `node scripts/images/export-images.ts`: writes the images that `npm run images` has built with Buildah on this machine
 * into build/images, for release.yml to carry to where they are published from, and their list of components beside.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { imageName, imageTargets, runBuildah } from './builder.ts';
import { billOf } from './image-bill.ts';
import { addImage, hostArchitecture } from './image-files.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const folder = path.join(root, 'build', 'images');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const architecture = hostArchitecture();
mkdirSync(folder, { recursive: true });
for (const target of imageTargets) {
  const directory = mkdtempSync(path.join(folder, '.export-'));
  try {
    const image = imageName(target);
    runBuildah(root, [
      'push',
      '--quiet',
      '--format',
      'v2s2',
      `localhost/${image}:${version}`,
      `dir:${directory}`,
    ]);
    addImage(folder, { architecture, image, directory });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
copyFileSync(
  billOf(root, `localhost/speakr:${version}`),
  path.join(folder, `speakr-${version}-image-${architecture}.cdx.json`),
);
process.stdout.write(`${imageTargets.length} images for ${architecture} are in ${folder}.\n`);
