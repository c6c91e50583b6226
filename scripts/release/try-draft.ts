/**
 * In the workflow, on each system: downloads the draft, installs it from there with the installer for this system, and
 * tries what was installed. The files are served from this machine, because a draft is not public.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostTarget, programName } from '../executable/target.ts';
import { environment } from './environment.ts';
import { runTool } from './run-tool.ts';
import { startDownloadServer } from './verify/download-server.ts';

const { tag, repository } = environment();
const target = hostTarget();
if (target === undefined) throw new Error('There is no executable for this system.');
const work = mkdtempSync(path.join(tmpdir(), 'speakr-draft-'));
const files = path.join(work, 'files');
const installed = path.join(work, 'installed');
runTool('gh', ['release', 'download', tag, '--repo', repository, '--dir', files]);
await using server = await startDownloadServer(files);
const [program, ...args] = target.startsWith('windows')
  ? ['powershell', '-NoProfile', '-ExecutionPolicy', 'Bypass', '-File', path.join(files, 'install.ps1')]
  : ['sh', path.join(files, 'install.sh')];
const installer = spawn(program as string, args, {
  stdio: 'inherit',
  env: { ...process.env, SPEAKR_BASE_URL: server.url, SPEAKR_INSTALL_DIR: installed },
});
const [code] = (await once(installer, 'close')) as [number | null];
if (code !== 0) throw new Error(`The installer ended with ${code}.`);
const smoke = path.join(import.meta.dirname, 'smoke-test.ts');
process.stdout.write(runTool(process.execPath, [smoke, path.join(installed, programName(target))]));
