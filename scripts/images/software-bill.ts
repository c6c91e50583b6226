/**
 * In the build stage of the images: writes FOLDER/app/speakr.cdx.json, what an image is made of, as CycloneDX: the
 * packages of the bundle, Node, ffmpeg, and the packages of Debian whose libraries root-files.mjs has copied to FOLDER.
 *
 *   node scripts/images/software-bill.ts FOLDER
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { bundleExecutable } from '../executable/bundle.ts';
import { type Component, componentsOf } from '../release/components.ts';
import { softwareBill } from '../release/sbom.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Say which folder.');

/** A field of a text as Debian and /etc/os-release write them. @throws Error when it is not there */
function field(text: string, name: string, separator: string): string {
  const found = new RegExp(`^${name}${separator}"?([^"\\n]+)"?$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

const release = readFileSync(path.join(folder, 'etc', 'os-release'), 'utf8');
const [distribution, distributionVersion] = [field(release, 'ID', '='), field(release, 'VERSION_ID', '=')];
const system = {
  name: distribution,
  version: distributionVersion,
  packageUrl: `pkg:generic/${distribution}@${distributionVersion}`,
  type: 'operating-system' as const,
  licence: '',
  licenceText: '',
};

function systemPackage(name: string): Component {
  const status = readFileSync(path.join(folder as string, 'var', 'lib', 'dpkg', 'status.d', name), 'utf8');
  const version = field(status, 'Version', ': ');
  const source = /^Source: (\S+)/m.exec(status)?.[1] ?? name;
  const qualifiers = new URLSearchParams({
    arch: field(status, 'Architecture', ': '),
    upstream: source,
    distro: `${system.name}-${system.version}`,
  });
  return {
    name,
    version,
    packageUrl: `pkg:deb/${system.name}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?${qualifiers}`,
    licence: '',
    licenceText: '',
  };
}

/** The program that @ffmpeg-installer brings for this system; its packages are numbered by the ffmpeg that is inside. */
function ffmpeg(): Component {
  const resolve = createRequire(path.join(root, 'cli', 'package.json'));
  const name = `@ffmpeg-installer/${process.platform}-${process.arch}`;
  const { version } = resolve(`${name}/package.json`) as { version: string };
  const released = version.split('.').slice(0, 2).join('.');
  return {
    name: 'ffmpeg',
    version: released,
    type: 'application',
    // Of a package of npm scanners would look for advisories of npm only, and not for those of the program.
    packageUrl: `pkg:generic/ffmpeg@${released}`,
    platformName: `cpe:2.3:a:ffmpeg:ffmpeg:${released}:*:*:*:*:*:*:*`,
    licence: 'GPL-3.0-or-later',
    licenceText: '',
  };
}

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const { inputs } = await bundleExecutable({ root });
const components = [
  ...componentsOf(root, inputs, process.versions.node),
  ffmpeg(),
  system,
  ...readdirSync(path.join(folder, 'var', 'lib', 'dpkg', 'status.d'))
    .sort()
    .map(systemPackage),
];
writeFileSync(
  path.join(folder, 'app', 'speakr.cdx.json'),
  `${JSON.stringify(softwareBill(version, components), null, 2)}\n`,
);
