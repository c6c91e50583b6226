/**
 * `npm run test:windows`: the Windows executable under Wine: --version, transcribe, query, with its background server.
 * As root on Debian it makes a root of its own with Wine 10 below .cache/ (Debian's "trixie", by debootstrap), once.
 * ffmpeg for Windows is the one of the npm package @ffmpeg-installer/win32-x64.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { version } from '../cli/version.ts';
import { cleanRoot, inRoot } from './release/clean-root.ts';
import { runTool } from './release/run-tool.ts';

const FFMPEG = '@ffmpeg-installer/win32-x64@4.1.0';

const root = path.dirname(import.meta.dirname);
const models = process.env.SPEAKR_MODELS_DIR ?? path.join(homedir(), '.local', 'share', 'speakr', 'models');
const wine = cleanRoot(root, 'trixie', ['ca-certificates', 'wine', 'wine64']);
const desk = path.join(wine, 'srv');
let failed = false;

function speakr(args: readonly string[]): string {
  // Node under Wine cannot write to a pipe of Linux; a file is fine.
  const script = `cd /srv && wine speakr.exe ${args.map((word) => `'${word}'`).join(' ')} > out.txt 2> err.txt < /dev/null; echo $? > code.txt`;
  inRoot(wine, ['timeout', '300', 'sh', '-c', script], {
    WINEDEBUG: '-all',
    WINEPREFIX: '/root/.wine',
    WINEPATH: 'Z:\\srv',
    SPEAKR_MODELS_DIR: 'Z:\\srv\\models',
    SPEAKR_DATA_DIR: 'Z:\\srv\\data',
  });
  const read = (name: string) => runTool('cat', [path.join(desk, name)]);
  if (read('code.txt').trim() !== '0') throw new Error(`speakr ${args.join(' ')} failed: ${read('err.txt')}`);
  return read('out.txt');
}

function check(what: string, found: string, wanted: RegExp): void {
  const met = wanted.test(found);
  if (!met) failed = true;
  process.stdout.write(`${met ? '✔' : '✖'} ${what}${met ? '' : `: ${found}`}\n`);
}

/** ffmpeg.exe, fetched once. */
function fetchFfmpeg(): void {
  if (existsSync(path.join(desk, 'ffmpeg.exe'))) return;
  const draft = path.join(desk, 'fetch');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  runTool('npm', ['pack', FFMPEG, '--silent', '--pack-destination', draft], { cwd: draft });
  const [archive = ''] = readdirSync(draft);
  runTool('tar', ['-xf', path.join(draft, archive), '-C', draft]);
  copyFileSync(path.join(draft, 'package', 'ffmpeg.exe'), path.join(desk, 'ffmpeg.exe'));
}

const [built] = process.argv.slice(2);
const executable =
  built ??
  runTool(process.execPath, [
    path.join(root, 'scripts', 'build-binary.ts'),
    '--target',
    'windows-x64',
  ]).trim();
fetchFfmpeg();
copyFileSync(executable, path.join(desk, 'speakr.exe'));
copyFileSync(path.join(root, 'samples', 'demo.flac'), path.join(desk, 'demo.flac'));
cpSync(models, path.join(desk, 'models'), { recursive: true });
rmSync(path.join(desk, 'data'), { recursive: true, force: true });
writeFileSync(path.join(desk, 'wine-version.txt'), inRoot(wine, ['wine', '--version']));
try {
  check('--version', speakr(['--version']), new RegExp(`^${version.replaceAll('.', '\\.')}\\s*$`));
  check('transcribe', speakr(['transcribe', 'demo.flac']), /launch the new website/);
  check('query', speakr(['query', 'who sends the budget?']), /Maria will send the budget/);
} finally {
  // Ends the background server with all that Wine runs; a root with nothing in it may complain.
  spawnSync('chroot', [wine, 'wineserver', '-k'], { stdio: 'ignore' });
}
if (failed) process.exitCode = 1;
