import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type MultiArchImage, multiArchImages } from './image-files.ts';
import { digestAt, push, type Registry, remove, retag, tagsOf } from './registry.ts';

/**
 * GitHub's registry, and Docker Hub as a mirror where there is an account for it.
 * @param repository `owner/name`
 * @throws Error when there is no token for the first
 */
export function registriesOf(repository: string, env: NodeJS.ProcessEnv = process.env): Registry[] {
  const owner = repository.slice(0, repository.indexOf('/')).toLowerCase();
  const { GITHUB_ACTOR: actor = owner, GH_TOKEN: token, DOCKERHUB_USER: user, DOCKERHUB_TOKEN: secret } = env;
  if (token === undefined || token === '') throw new Error('GH_TOKEN is not set.');
  const registries = [{ place: `ghcr.io/${owner}`, user: actor, password: token }];
  if (user && secret) registries.push({ place: `docker.io/${user}`, user, password: secret });
  return registries;
}

/** Pushes every image of the folder under its version, to all registries; `latest` stays where it is. */
export function publishImages(registries: readonly Registry[], folder: string, version: string): void {
  for (const image of multiArchImages(folder))
    for (const registry of registries) push(registry, folder, image, version);
}

/** Lets `latest` stand for a version, once everything else has worked. */
export function moveLatest(
  registries: readonly Registry[],
  images: readonly string[],
  version: string,
): void {
  for (const registry of registries) for (const image of images) retag(registry, image, version, 'latest');
}

/** The newest release that has an image, but for one. */
function newestBut(tags: readonly string[], version: string): string | undefined {
  const numbers = (tag: string) => tag.split('.').map(Number);
  return tags
    .filter((tag) => /^\d+\.\d+\.\d+$/.test(tag) && tag !== version)
    .sort((left, right) => {
      const [a, b] = [numbers(left), numbers(right)];
      return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0);
    })
    .at(-1);
}

/**
 * Takes one image of a version back: `latest`, where it was moved already, goes back to the newest release before.
 * @returns what was done, for people
 */
export async function takeBackImage(registry: Registry, image: string, version: string): Promise<string> {
  const name = `${registry.place}/${image}:${version}`;
  const digest = digestAt(registry, image, version);
  if (digest === undefined) return `${name} was not there`;
  if (digestAt(registry, image, 'latest') === digest) {
    const before = newestBut(tagsOf(registry, image), version);
    if (before !== undefined) retag(registry, image, before, 'latest');
  }
  await remove(registry, image, version);
  return `${name} is gone`;
}

/** Writes the digest of every image, for people who pin them; signed with the release. @returns the file */
export function writeDigests(folder: string, version: string, images: readonly MultiArchImage[]): string {
  const file = path.join(folder, `speakr-${version}-images.json`);
  if (existsSync(file)) rmSync(file);
  const digests = Object.fromEntries(images.map(({ image, digest }) => [image, digest]));
  writeFileSync(file, `${JSON.stringify({ version, images: digests }, null, 2)}\n`);
  return file;
}
