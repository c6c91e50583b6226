/** What a Moonshine model id says: `moonshine-<size>[-streaming]-<language>`. */
export interface MoonshineModel {
  /** `ModelArch` of the vendor's library. */
  readonly arch: number;
  /** ISO 639-1. */
  readonly language: string;
}

/** Numbers of the vendor's `ModelArch`. */
const architectures: Readonly<Record<string, number>> = {
  tiny: 0,
  base: 1,
  'tiny-streaming': 2,
  'base-streaming': 3,
  'small-streaming': 4,
  'medium-streaming': 5,
};

/** What our own network is; all others run in the vendor's library. */
export const OWN_ARCHITECTURE = 0;

/** Reads a model id of the catalogue; `undefined` when it is not a Moonshine model. */
export function moonshineModel(id: string): MoonshineModel | undefined {
  const match = /^moonshine-(.+)-([a-z]{2})$/.exec(id);
  const arch = match?.[1] === undefined ? undefined : architectures[match[1]];
  return arch === undefined || match?.[2] === undefined ? undefined : { arch, language: match[2] };
}
