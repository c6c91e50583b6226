/**
 * Images as files, on their way from the machines that build them to registries: every blob once, by its digest, beside
 * one manifest for each image and architecture. In Docker's formats, which keep the health check.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** Architectures that images are published for, as container engines name them. */
export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** The architecture of this machine's images. @throws Error where there are none */
export function hostArchitecture(): Architecture {
  const found = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64' | 'arm64'] as Architecture | undefined;
  if (found === undefined) throw new Error(`There are no images for ${process.arch}.`);
  return found;
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DIGEST_NAME = /^[0-9a-f]{64}$/;

export const digestOf = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const blobs = (folder: string) => path.join(folder, 'blobs');
const manifestFile = (folder: string, architecture: Architecture, image: string) =>
  path.join(folder, architecture, `${image}.json`);

/**
 * Takes an image in, as `dir:` of containers/image has it (https://github.com/containers/image, docs/containers-transports.5.md).
 * @param directory is emptied
 */
export function addImage(
  folder: string,
  { architecture, image, directory }: { architecture: Architecture; image: string; directory: string },
): void {
  mkdirSync(blobs(folder), { recursive: true });
  mkdirSync(path.join(folder, architecture), { recursive: true });
  for (const name of readdirSync(directory).filter((each) => DIGEST_NAME.test(each)))
    renameSync(path.join(directory, name), path.join(blobs(folder), name));
  copyFileSync(path.join(directory, 'manifest.json'), manifestFile(folder, architecture, image));
}

export interface MultiArchImage {
  readonly image: string;
  /** The manifest list, to the byte: what its digest is of. */
  readonly list: Buffer;
  readonly digest: string;
  readonly manifests: readonly Buffer[];
}

/** All images of a folder, each of every architecture it was built for. @throws Error when some lack one that others have */
export function multiArchImages(folder: string): MultiArchImage[] {
  const built = architectures.filter((each) => existsSync(path.join(folder, each)));
  const [first] = built;
  if (first === undefined) throw new Error(`There are no images in ${folder}.`);
  const names = (architecture: Architecture) =>
    readdirSync(path.join(folder, architecture))
      .map((file) => file.replace(/\.json$/, ''))
      .sort();
  for (const each of built)
    if (names(each).join() !== names(first).join())
      throw new Error(
        `For ${each} there are ${names(each).join(', ')}; for ${first} ${names(first).join(', ')}.`,
      );
  return names(first).map((image) => {
    const manifests = built.map((each) => readFileSync(manifestFile(folder, each, image)));
    const list = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: LIST,
        manifests: manifests.map((bytes, at) => ({
          mediaType: MANIFEST,
          size: bytes.length,
          digest: digestOf(bytes),
          platform: { architecture: built[at], os: 'linux' },
        })),
      }),
    );
    return { image, list, digest: digestOf(list), manifests };
  });
}

/** Runs `work` with one image of the folder as `dir:` has it, all architectures in it. */
export function withDirectory(
  folder: string,
  image: MultiArchImage,
  work: (directory: string) => void,
): void {
  const directory = mkdtempSync(path.join(folder, '.push-'));
  try {
    const put = (name: string, content: string | Buffer) =>
      writeFileSync(path.join(directory, name), content);
    put('version', 'Directory Transport Version: 1.1\n');
    put('manifest.json', image.list);
    const needed = new Set<string>();
    for (const bytes of image.manifests) {
      put(`${digestOf(bytes).slice('sha256:'.length)}.manifest.json`, bytes);
      const { config, layers } = JSON.parse(bytes.toString()) as {
        config: { digest: string };
        layers: readonly { digest: string }[];
      };
      for (const { digest } of [config, ...layers]) needed.add(digest.slice('sha256:'.length));
    }
    for (const name of needed) linkSync(path.join(blobs(folder), name), path.join(directory, name));
    work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
