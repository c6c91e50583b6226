import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { CatalogueFile, CatalogueModel } from './catalogue-entry.ts';
import { hasDigest } from './digest.ts';

/** Bytes of a model's files by name, checked. */
export type ModelFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Where a model's files are. */
export const modelDir = (modelsDir: string, model: Pick<CatalogueModel, 'id'>): string =>
  join(modelsDir, model.id);

/**
 * What is wrong with a model at first sight: presence and size of every file, no content.
 * @returns the error of the first file that is wrong
 */
export async function checkSizes(modelsDir: string, model: CatalogueModel): Promise<SpeakrError | undefined> {
  for (const file of model.files) {
    const problem = await checkSize(join(modelDir(modelsDir, model), file.name), model, file);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * Reads a model's files and checks every byte, so that what a worker gets is what the catalogue promises. There is no
 * cache of digests to trust: 44 MB take about 40 ms, which is little beside loading them.
 * @throws SpeakrError `model_missing`, `model_invalid`
 */
export async function readModel(modelsDir: string, model: CatalogueModel): Promise<ModelFiles> {
  const sizes = await checkSizes(modelsDir, model);
  if (sizes !== undefined) throw sizes;
  const entries = await Promise.all(
    model.files.map(async (file) => {
      const path = join(modelDir(modelsDir, model), file.name);
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        throw unreadable(path, model, file, error);
      });
      if (!(await hasDigest(bytes, file.digest))) {
        throw new SpeakrError(
          'model_invalid',
          `${file.name} of ${model.id} is damaged: ${path}`,
          mend(model),
        );
      }
      return [file.name, bytes] as const;
    }),
  );
  return new Map(entries);
}

/** Whether a file has the size and the digest of the catalogue. */
export async function isWhole(path: string, file: CatalogueFile): Promise<boolean> {
  const size = (await stat(path).catch(() => undefined))?.size;
  return size === file.bytes && hasDigest(await readFile(path), file.digest);
}

/** The error of a file that is missing or of another size; `undefined` when it looks right. */
async function checkSize(
  path: string,
  model: CatalogueModel,
  file: CatalogueFile,
): Promise<SpeakrError | undefined> {
  try {
    const { size } = await stat(path);
    if (size === file.bytes) return undefined;
    const detail = `${file.name} of ${model.id} has ${size} bytes instead of ${file.bytes}: ${path}`;
    return new SpeakrError('model_invalid', detail, mend(model));
  } catch (error) {
    return unreadable(path, model, file, error as NodeJS.ErrnoException);
  }
}

function unreadable(
  path: string,
  model: CatalogueModel,
  file: CatalogueFile,
  error: NodeJS.ErrnoException,
): SpeakrError {
  return error.code === 'ENOENT' || error.code === 'ENOTDIR'
    ? new SpeakrError('model_missing', `${file.name} of ${model.id} is missing: ${path}`, mend(model))
    : new SpeakrError(
        'model_invalid',
        `${file.name} of ${model.id} cannot be read (${error.code}): ${path}`,
        {
          hint: 'Check the permissions of the models directory.',
          cause: error,
        },
      );
}

const mend = (model: CatalogueModel) => ({ hint: `Run \`speakr models pull ${model.id}\`.` });
