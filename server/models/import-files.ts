import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { CatalogueModel } from './catalogue-entry.ts';
import { isWhole } from './model-files.ts';

/** A model that is complete in a directory, and the path of each of its files. */
export interface FoundModel {
  readonly model: CatalogueModel;
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * Looks for complete models: `directory/<model id>/<file>`, or the files of one model flat in `directory`.
 * @throws SpeakrError `file_missing` when there is no such directory, `model_missing` when it holds nothing of the
 * catalogue, `model_invalid` when a folder named after a model lacks a file or has a damaged one
 */
export async function findModels(
  directory: string,
  catalogue: readonly CatalogueModel[],
): Promise<FoundModel[]> {
  const entries = new Set(
    await readdir(directory).catch((error: NodeJS.ErrnoException) => {
      throw new SpeakrError('file_missing', `${directory} is not a readable directory.`, { cause: error });
    }),
  );
  const found: FoundModel[] = [];
  for (const model of catalogue) {
    const named = entries.has(model.id) || basename(resolve(directory)) === model.id;
    const folder = entries.has(model.id) ? join(directory, model.id) : directory;
    const paths = new Map(model.files.map((file) => [file.name, join(folder, file.name)]));
    const wrong = [];
    for (const file of model.files) if (!(await isWhole(paths.get(file.name)!, file))) wrong.push(file.name);
    if (wrong.length === 0) found.push({ model, paths });
    else if (named) {
      throw new SpeakrError(
        'model_invalid',
        `${wrong.join(', ')} of ${model.id} ${wrong.length === 1 ? 'is' : 'are'} missing or damaged in ${folder}.`,
        { hint: 'Copy the files again and repeat the import.' },
      );
    }
  }
  if (found.length > 0) return found;
  throw new SpeakrError('model_missing', `${directory} holds no complete model.`, {
    hint: 'It must hold the files of a model, or folders named as `speakr models list` names the models.',
  });
}
