/**
 * Makes the tree ready for the next release: finds its version from the commits since the last one, writes it into every
 * package.json and the lockfile, and gives it its section in CHANGELOG.md. In a workflow the packages also learn which
 * repository they are of: npm asks for it, and the command line looks there for newer versions. Prints the version, or
 * nothing when no commit changed what users have.
 *
 *   node scripts/release/prepare.ts [--version 1.2.3]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { changelogWithRelease } from './changelog.ts';
import { commitsSince, commitTime, lastTag } from './git-history.ts';
import { runTool } from './run-tool.ts';
import { nextVersion, parseVersion } from './version.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const packages = ['.', 'contracts', 'client', 'server', 'cli'];

interface Manifest {
  name?: string;
  version?: string;
  dependencies?: Record<string, string>;
  repository?: { type: string; url: string; directory: string };
}

/** Packages of speakr ask for each other in exactly this version. */
function setVersion(manifest: Manifest, version: string): void {
  manifest.version = version;
  for (const name of Object.keys(manifest.dependencies ?? {}))
    if (name.startsWith('@speakr/') && manifest.dependencies !== undefined)
      manifest.dependencies[name] = version;
}

function change<T>(file: string, edit: (content: T) => void): void {
  const place = path.join(root, file);
  const content = JSON.parse(readFileSync(place, 'utf8')) as T;
  edit(content);
  writeFileSync(place, `${JSON.stringify(content, null, 2)}\n`);
}

const { values } = parseArgs({ options: { version: { type: 'string' } } });
const { version: current } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const version = values.version ?? nextVersion(current, commitsSince(root, lastTag(root)));
if (version !== undefined) {
  parseVersion(version);
  const { GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server = 'https://github.com' } = process.env;
  for (const folder of packages)
    change<Manifest>(path.join(folder, 'package.json'), (manifest) => {
      setVersion(manifest, version);
      if (repository !== undefined && folder !== '.')
        manifest.repository = { type: 'git', url: `git+${server}/${repository}.git`, directory: folder };
    });
  change<Manifest & { packages: Record<string, Manifest> }>('package-lock.json', (lock) => {
    lock.version = version;
    for (const folder of packages) {
      const entry = lock.packages[folder === '.' ? '' : folder];
      if (entry !== undefined) setVersion(entry, version);
    }
  });
  const changelog = path.join(root, 'CHANGELOG.md');
  const day = new Date(commitTime(root) * 1000).toISOString().slice(0, 10);
  writeFileSync(changelog, changelogWithRelease(readFileSync(changelog, 'utf8'), version, day));
  // API descriptions name the version.
  runTool(process.execPath, [path.join(root, 'scripts', 'generate-contracts.ts')], { cwd: root });
  process.stdout.write(`${version}\n`);
}
