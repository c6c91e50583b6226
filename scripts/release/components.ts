import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeVersion } from '../executable/node-base.ts';

/** A package that is inside the executables. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** As CycloneDX names kinds; a library when absent. */
  readonly type?: 'application' | 'operating-system';
  /** SPDX expression; '' where it is not one. */
  readonly licence: string;
  /** `sha512-…`, of the package as the registry has it. */
  readonly integrity?: string;
  /** The text of its licence files; '' when it brings none. */
  readonly licenceText: string;
  /** https://github.com/package-url/purl-spec, of what is no package of npm. */
  readonly packageUrl?: string;
  /** Common Platform Enumeration: what lists of vulnerabilities call programs that come in no package. */
  readonly platformName?: string;
}

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
}

/** Packages whose files are put in whole, beside what the bundle takes in. */
const WHOLE = ['node_modules/@moonshine-ai/moonshine-wasm', 'node_modules/@ricky0123/vad-web'];

/**
 * Every package that the executables hold, and Node.
 * @param inputs files that went into the bundle, relative to `root`
 * @param node its version, when it is not the one of the executables
 * @throws Error when package-lock.json does not know one, or not its licence
 */
export function componentsOf(root: string, inputs: readonly string[], node = nodeVersion(root)): Component[] {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked | undefined>;
  };
  const places = new Set([...inputs.flatMap(packagePlace), ...WHOLE]);
  const packages = [...places].sort().map((place): Component => {
    const { version, integrity, license } = lock.packages[place] ?? {};
    if (version === undefined || license === undefined)
      throw new Error(`package-lock.json does not say which version or licence ${place} has.`);
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const sum = integrity === undefined ? {} : { integrity };
    return { name, version, licence: license, ...sum, licenceText: licenceText(path.join(root, place)) };
  });
  const runtime = {
    name: 'node',
    version: node,
    // Scanners pass over what is a `platform`.
    type: 'application' as const,
    licence: 'MIT',
    packageUrl: `pkg:generic/node@${node}`,
    platformName: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
    licenceText:
      'See https://github.com/nodejs/node/blob/main/LICENSE, with the licences of what Node includes.',
  };
  return [runtime, ...packages];
}

/** `a/node_modules/b/c.js` → `a/node_modules/b`; nothing for our own files. */
function packagePlace(file: string): string[] {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll('\\', '/'));
  return found?.[1] === undefined ? [] : [found[1]];
}

function licenceText(folder: string): string {
  if (!existsSync(folder)) return '';
  return readdirSync(folder)
    .filter((name) => /^(licen[cs]e|notice|copying)(\.|-|$)/i.test(name))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8').trim())
    .join('\n\n');
}

/** What the licences of the components want to be said wherever the executable goes. */
export const licencesText = (components: readonly Component[]): string =>
  components
    .map(
      ({ name, version, licence, licenceText: text }) =>
        `${'='.repeat(80)}\n${name} ${version} (${licence})\n${'='.repeat(80)}\n\n${text}\n`,
    )
    .join('\n');
