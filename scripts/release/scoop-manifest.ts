import { archiveFor, type Release } from './artefact.ts';

/** A Scoop manifest (https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests): `scoop install <url of this file>`. */
export function scoopManifest(release: Release, homepage: string): object {
  const { name, sha256 } = archiveFor(release, 'windows-x64');
  return {
    version: release.version,
    description: 'Record, transcribe and search what was said, from the terminal',
    homepage,
    license: 'Apache-2.0',
    suggest: { ffmpeg: 'ffmpeg' },
    architecture: {
      '64bit': {
        url: `${release.baseUrl}/${name}`,
        hash: sha256,
        extract_dir: name.replace(/\.zip$/, ''),
      },
    },
    bin: 'speakr.exe',
    checkver: 'github',
    autoupdate: {
      architecture: {
        '64bit': {
          url: `${homepage}/releases/download/v$version/speakr-$version-windows-x64.zip`,
          extract_dir: 'speakr-$version-windows-x64',
        },
      },
      hash: { url: '$baseurl/SHA256SUMS' },
    },
  };
}
