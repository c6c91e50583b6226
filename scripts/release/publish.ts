/**
 * In the workflow, last: publishes the packages under the tag `next` and the images (build/images) under their version,
 * makes the draft public, and then moves packages and images to `latest`. rollback.ts undoes the steps that were done
 * when a later one fails.
 */
import path from 'node:path';
import { multiArchImages } from '../images/image-files.ts';
import { moveLatest, publishImages, registriesOf } from '../images/publication.ts';
import { environment } from './environment.ts';
import { npmAuthorized } from './npm.ts';
import { packageNames, packPackages } from './packages.ts';
import { runTool } from './run-tool.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const { tag, repository } = environment();
const version = tag.slice(1);
for (const file of packPackages(root, path.join(root, 'build', 'packages')))
  npmAuthorized(['publish', file, '--access', 'public', '--provenance', '--tag', 'next']);
const images = path.join(root, 'build', 'images');
const registries = registriesOf(repository);
publishImages(registries, images, version);
runTool('gh', ['release', 'edit', tag, '--repo', repository, '--draft=false', '--latest']);
for (const name of packageNames) npmAuthorized(['dist-tag', 'add', `${name}@${version}`, 'latest']);
moveLatest(
  registries,
  multiArchImages(images).map(({ image }) => image),
  version,
);
process.stdout.write(`${tag} is published.\n`);
