import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { cleanRoot, copyOfRoot } from '../release/clean-root.ts';
import { runTool } from '../release/run-tool.ts';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const folderOf = (root: string) => path.join(root, '.cache', 'images', 'build-base');

/** Whether its folder was made before. */
export const buildBaseExists = (root: string): boolean => existsSync(folderOf(root));

/**
 * A folder with what the official Node image has and the build stage uses: Debian, Node and npm. For machines that
 * reach no image registry. It trusts what this machine trusts.
 * @returns its folder, to be the only layer of an image
 */
export function makeBuildBase(root: string): string {
  const folder = folderOf(root);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(path.dirname(draft), { recursive: true });
  copyOfRoot(cleanRoot(root, 'trixie', ['ca-certificates']), draft);
  const local = path.join(draft, 'usr', 'local');
  mkdirSync(path.join(local, 'bin'), { recursive: true });
  copyFileSync(process.execPath, path.join(local, 'bin', 'node'));
  const program = process.env.npm_execpath ?? runTool('sh', ['-c', 'command -v npm']).trim();
  const npm = path.dirname(path.dirname(realpathSync(program)));
  cpSync(npm, path.join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(local, 'bin', 'npm'));
  if (existsSync(CERTIFICATES)) copyFileSync(CERTIFICATES, path.join(draft, CERTIFICATES));
  writeFileSync(path.join(draft, 'etc', 'resolv.conf'), '');
  for (const left of ['var/lib/apt/lists', 'var/cache/apt'])
    rmSync(path.join(draft, left), { recursive: true, force: true });
  runTool('mv', [draft, folder]);
  return folder;
}
