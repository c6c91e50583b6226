/**
 * `npm run docs`: builds the documentation site from docs/ into site/dist. A dead link or any warning is a failure. What
 * it needs is installed into site/ first, from its own lockfile: nobody else needs that.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runTool } from './release/run-tool.ts';

const site = path.join(path.dirname(import.meta.dirname), 'site');
const vitepress = path.join(site, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
if (!existsSync(vitepress))
  runTool('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: site,
    shell: process.platform === 'win32',
  });
// VitePress finds its own parts only from pages below it.
const pages = path.join(site, 'pages');
rmSync(pages, { recursive: true, force: true });
cpSync(path.join(path.dirname(site), 'docs'), pages, { recursive: true });
cpSync(path.join(site, 'public'), path.join(pages, 'public'), { recursive: true });
const { status, stdout, stderr } = spawnSync(process.execPath, [vitepress, 'build', site], {
  cwd: site,
  encoding: 'utf8',
});
process.stderr.write(`${stdout}${stderr}`);
const warned = /\bwarn(ing)?\b/i.test(`${stdout}${stderr}`);
if (warned) process.stderr.write('The site builds with warnings.\n');
process.exitCode = status === 0 && !warned ? 0 : 1;
