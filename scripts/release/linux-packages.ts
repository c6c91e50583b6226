import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Target } from '../executable/target.ts';
import { runTool } from './run-tool.ts';

export interface LinuxPackageOptions {
  readonly version: string;
  readonly target: Extract<Target, `linux-${string}`>;
  readonly executable: string;
  /** Files that come along: place on the system → file here. */
  readonly files: ReadonlyMap<string, string>;
  readonly homepage: string;
  /** Seconds since the Unix epoch. */
  readonly time: number;
  /** Do not compress: for rehearsals that do not look at sizes. */
  readonly quick: boolean;
  readonly work: string;
  readonly output: string;
}

const architectures = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' } as const;

/**
 * Packages for Debian and for RPM systems, made by nfpm. ffmpeg is recommended, not required: speakr also works where
 * it comes from elsewhere.
 * @returns their names
 */
export function makeLinuxPackages(options: LinuxPackageOptions): { deb: string; rpm: string } {
  const { version, target, executable, files, homepage, time, quick, work, output } = options;
  const config = path.join(work, `nfpm-${target}.json`);
  const mtime = new Date(time * 1000).toISOString();
  const content = (src: string, dst: string, mode: number) => ({ src, dst, file_info: { mode, mtime } });
  writeFileSync(
    config,
    JSON.stringify({
      name: 'speakr',
      arch: architectures[target],
      platform: 'linux',
      version,
      section: 'sound',
      maintainer: 'The speakr authors <speakr@users.noreply.github.com>',
      description:
        'Record, transcribe and search what was said, from the terminal.\nCaptions while you speak, notes a moment after, on your own machine.',
      homepage,
      license: 'Apache-2.0',
      mtime,
      deb: { compression: quick ? 'none' : 'xz' },
      rpm: { compression: quick ? 'gzip:1' : 'xz' },
      contents: [
        content(executable, '/usr/bin/speakr', 0o755),
        ...[...files].map(([place, file]) => content(file, place, 0o644)),
      ],
      overrides: {
        deb: {
          depends: ['libc6 (>= 2.28)', 'libstdc++6'],
          recommends: ['ffmpeg', 'xsel | wl-clipboard', 'pulseaudio-utils'],
        },
        rpm: {
          depends: ['glibc >= 2.28', 'libstdc++'],
          recommends: ['/usr/bin/ffmpeg', 'xsel', 'wl-clipboard'],
        },
      },
    }),
  );
  const make = (packager: 'deb' | 'rpm', name: string) => {
    const file = path.join(output, name);
    runTool('nfpm', ['package', '--config', config, '--packager', packager, '--target', file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(time) },
    });
    return name;
  };
  const rpmArch = target === 'linux-x64' ? 'x86_64' : 'aarch64';
  return {
    deb: make('deb', `speakr_${version}_${architectures[target]}.deb`),
    rpm: make('rpm', `speakr-${version}.${rpmArch}.rpm`),
  };
}
