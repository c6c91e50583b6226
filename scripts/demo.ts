/**
 * `npm run demo`: the main job, with the real CLI. A bundled sample is played into `speakr record` at the speed it was
 * spoken, as if it came from the microphone; then a question is asked. Everything is kept apart in .cache/demo.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dataDir = path.join(root, '.cache', 'demo');
const launcher = path.join(root, 'cli', 'bin', 'speakr.cjs');

/** Ends the server that the demo before this one has left running, if any. */
async function stopServer(): Promise<void> {
  const runtimeDir = path.join(dataDir, 'run');
  const files = existsSync(runtimeDir)
    ? readdirSync(runtimeDir).filter((name) => name.endsWith('.json'))
    : [];
  for (const name of files) {
    const { pid } = JSON.parse(readFileSync(path.join(runtimeDir, name), 'utf8')) as { pid?: number };
    if (pid === undefined) continue;
    try {
      process.kill(pid, 'SIGTERM');
      for (let waited = 0; waited < 5000; waited += 100) {
        await sleep(100);
        process.kill(pid, 0);
      }
    } catch {
      // It has ended.
    }
  }
}

function speakr(...args: string[]): void {
  const shown = args.map((word) => (/[ ?]/.test(word) ? `"${word}"` : word)).join(' ');
  process.stdout.write(`\n$ speakr ${shown}\n`);
  const { status, signal } = spawnSync(process.execPath, [launcher, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SPEAKR_DATA_DIR: dataDir },
  });
  if (status !== 0) {
    process.stderr.write(`speakr ended with ${signal ?? `exit code ${status}`}.\n`);
    process.exit(status ?? 1);
  }
}

await stopServer();
rmSync(dataDir, { recursive: true, force: true });
process.stdout.write(
  'A sample is played into the recorder as if somebody spoke. Nothing leaves this machine.\n',
);
speakr('record', '--input', 'samples/demo.flac');
speakr('query', 'when do we launch the website?');
speakr('actions');
await stopServer();
process.stdout.write('\nNow yours: `npx speakr` records the microphone until you press Enter.\n');
