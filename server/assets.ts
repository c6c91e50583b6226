import { readFile } from 'node:fs/promises';
import { getAsset, getRawAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';

/** Binary files that npm packages bring along, and the module specifier of each. */
const specifiers = {
  'moonshine.wasm': '@moonshine-ai/moonshine-wasm/moonshine.wasm',
  'silero_vad_v6.onnx': '@ricky0123/vad-web/dist/silero_vad_v6.onnx',
} as const;

export type AssetName = keyof typeof specifiers;
export const assetNames = Object.keys(specifiers) as AssetName[];

/** True in the source tree, false in the bundle, which is JavaScript. */
export const inSourceTree = import.meta.url.endsWith('.ts');

/**
 * True in the single executable, which holds its files itself (scripts/executable/). Executables made by pkg have a
 * file system inside instead, where the files lie as they do beside the bundle.
 */
export const inExecutable = isSea() && !('pkg' in process);

/** Path of an asset, not in the executable: inside its npm package in the source tree, in `assets/` beside the bundle otherwise. */
export function assetPath(name: AssetName): string {
  return fileURLToPath(
    inSourceTree ? import.meta.resolve(specifiers[name]) : new URL(`./assets/${name}`, import.meta.url),
  );
}

const decompress = promisify(zstdDecompress);

/** The bytes of an asset. The executable holds them compressed. */
export async function readAsset(name: AssetName): Promise<Uint8Array> {
  return inExecutable ? decompress(getRawAsset(`${name}.zst`)) : readFile(assetPath(name));
}

/** Text that was put into the executable under `name`. @throws Error when there is none, or no executable */
export function readExecutableText(name: string): string {
  return getAsset(name, 'utf8');
}
