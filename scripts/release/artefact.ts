import type { Target } from '../executable/target.ts';

/** One file that a release offers for download. */
export interface Artefact {
  readonly name: string;
  readonly kind:
    | 'archive'
    | 'deb'
    | 'rpm'
    | 'msi'
    | 'installer'
    | 'manifest'
    | 'sbom'
    | 'images'
    | 'notes'
    | 'licences';
  /** Absent: for every system. */
  readonly target?: Target;
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** What a release consists of; installers and manifests are made from it. */
export interface Release {
  readonly version: string;
  /** Where its files are, without a slash at the end. */
  readonly baseUrl: string;
  /** `ssh-ed25519 AAAA…` that signed it. */
  readonly publicKey: string;
  readonly artefacts: readonly Artefact[];
}

export const archiveName = (version: string, target: Target): string =>
  `speakr-${version}-${target}.${target.startsWith('windows') ? 'zip' : 'tar.xz'}`;

/** @throws Error when the release has none for this target */
export function archiveFor({ artefacts }: Release, target: Target): Artefact {
  const found = artefacts.find((each) => each.kind === 'archive' && each.target === target);
  if (found === undefined) throw new Error(`The release has no archive for ${target}.`);
  return found;
}
