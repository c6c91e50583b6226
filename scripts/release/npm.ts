import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTool } from './run-tool.ts';

/**
 * Runs npm as who the token in NODE_AUTH_TOKEN belongs to, at the registry that npm is set up for.
 * @throws Error when npm fails
 */
export function npmAuthorized(args: readonly string[]): void {
  const { host, pathname } = new URL(runTool('npm', ['config', 'get', 'registry']).trim());
  const directory = mkdtempSync(path.join(tmpdir(), 'speakr-npm-'));
  try {
    const config = path.join(directory, 'npmrc');
    // npm puts the variable in by itself, so that the token is in no file.
    writeFileSync(config, `//${host}${pathname}:_authToken=\${NODE_AUTH_TOKEN}\n`);
    runTool('npm', args, { env: { ...process.env, NPM_CONFIG_USERCONFIG: config } });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
