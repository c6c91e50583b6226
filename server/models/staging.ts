import { constants, copyFile, mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { CatalogueModel } from './catalogue-entry.ts';
import { isWhole } from './model-files.ts';

/**
 * Where a model is put together before it becomes visible: beside the installed ones, so that moving it in is a rename,
 * and kept after a failure, so that the next try goes on from there.
 */
export async function openStaging(modelsDir: string, model: CatalogueModel): Promise<string> {
  const staging = join(modelsDir, '.partial', model.id);
  await mkdir(staging, { recursive: true });
  return staging;
}

/** Copies the files of an installed model that are right, so that mending it fetches only the others. */
export async function keepWholeFiles(
  installed: string,
  staging: string,
  model: CatalogueModel,
): Promise<void> {
  for (const file of model.files) {
    const path = join(installed, file.name);
    if (await isWhole(path, file)) await place(path, join(staging, file.name));
  }
}

/** A copy that appears at once under its name. */
export async function place(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.copy`, constants.COPYFILE_FICLONE);
  await rename(`${to}.copy`, to);
}

/** @throws SpeakrError `disk_full` when what is still to come does not fit */
export async function demandSpace(staging: string, totalBytes: number): Promise<void> {
  let there = 0;
  for (const name of await readdir(staging)) there += (await stat(join(staging, name))).size;
  const { bavail, bsize } = await statfs(staging);
  const needed = totalBytes - there;
  if (needed <= bavail * bsize) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new SpeakrError(
    'disk_full',
    `The model needs ${megabytes(needed)} and ${megabytes(bavail * bsize)} are free in ${staging}.`,
    { hint: 'Free some space and run the command again.' },
  );
}

/** Makes a complete staging folder the installed model. Readers see the old one, none, or the new one, never half. */
export async function moveIn(staging: string, target: string): Promise<void> {
  await rm(join(staging, '.wheels'), { recursive: true, force: true });
  const old = `${staging}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(target, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(staging, target);
  await rm(old, { recursive: true, force: true });
}
