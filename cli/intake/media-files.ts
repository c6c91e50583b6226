import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** Endings of files that hold sound. */
const MEDIA = new Set(
  (
    '.3gp .aac .ac3 .aif .aiff .amr .avi .caf .flac .m4a .m4b .m4v .mka .mkv .mov .mp2 .mp3 .mp4 .mpeg .mpg .oga .ogg ' +
    '.opus .ts .wav .weba .webm .wma .wmv'
  ).split(' '),
);

export const isMediaFile = (name: string): boolean =>
  !name.startsWith('.') && MEDIA.has(extname(name).toLowerCase());

/** A file as it is at a moment. */
export interface FileState {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Media files of a folder in the order of their names, with those of folders in it. Hidden ones are left out. */
export async function listMediaFiles(folder: string): Promise<FileState[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const found: FileState[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const hidden = path
      .slice(folder.length)
      .split(/[/\\]/)
      .some((part) => part.startsWith('.'));
    if (hidden || !isMediaFile(entry.name)) continue;
    // It may have gone, or be a link to nothing.
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isFile()) found.push({ path, size: facts.size, mtimeMs: facts.mtimeMs });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Tells which files have stopped changing. Feed it what is there, again and again. */
export function settling(settleMs: number): (files: readonly FileState[], now: number) => FileState[] {
  let seen = new Map<string, { file: FileState; since: number }>();
  return (files, now) => {
    const next = new Map<string, { file: FileState; since: number }>();
    for (const file of files) {
      const before = seen.get(file.path);
      const same = before?.file.size === file.size && before.file.mtimeMs === file.mtimeMs;
      next.set(file.path, same ? before : { file, since: now });
    }
    seen = next;
    return [...next.values()]
      .filter(({ file, since }) => file.size > 0 && now - since >= settleMs)
      .map(({ file }) => file);
  };
}
