import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Binary files that npm packages bring along, and the module specifier of each. */
const specifiers = {
  'moonshine.wasm': '@moonshine-ai/moonshine-wasm/moonshine.wasm',
  'silero_vad_v6.onnx': '@ricky0123/vad-web/dist/silero_vad_v6.onnx',
} as const;

export type AssetName = keyof typeof specifiers;
export const assetNames = Object.keys(specifiers) as AssetName[];

/** True in the source tree, false in the bundle, which is JavaScript. */
export const inSourceTree = import.meta.url.endsWith('.ts');

/** Path of an asset: inside its npm package in the source tree, in `assets/` beside the bundle otherwise. */
export function assetPath(name: AssetName): string {
  return fileURLToPath(
    inSourceTree ? import.meta.resolve(specifiers[name]) : new URL(`./assets/${name}`, import.meta.url),
  );
}

/** The bytes of an asset. */
export function readAsset(name: AssetName): Promise<Uint8Array> {
  return readFile(assetPath(name));
}
