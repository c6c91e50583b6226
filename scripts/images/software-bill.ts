/**
 * In the build stage of the images: writes FOLDER/app/speakr.cdx.json, what an image is made of, as CycloneDX: the
 * packages of the bundle, Node, and the packages of Debian that root-files.mjs has taken files of, ffmpeg among them.
 *
 *   node scripts/images/software-bill.ts FOLDER
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
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

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const inputs = JSON.parse(readFileSync(path.join(root, 'dist', '.inputs.json'), 'utf8')) as string[];
const components = [
  ...componentsOf(root, inputs, process.versions.node),
  system,
  ...readdirSync(path.join(folder, 'var', 'lib', 'dpkg', 'status.d'))
    .sort()
    .map(systemPackage),
];
writeFileSync(
  path.join(folder, 'app', 'speakr.cdx.json'),
  `${JSON.stringify(softwareBill(version, components), null, 2)}\n`,
);
