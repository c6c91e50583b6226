import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { before, type TestContext, test } from 'node:test';
import { buildCli, newMachine } from './harness.ts';

before(buildCli);

/** An X server without a screen; it chooses a display that is free. */
async function startDisplay(t: TestContext): Promise<string> {
  const server: ChildProcess = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  t.after(() => server.kill());
  const chosen = server.stdio[3] as NodeJS.ReadableStream;
  const [number] = (await once(chosen, 'data')) as [Buffer];
  return `:${number.toString().trim()}`;
}

test('the notes are what another program pastes from the clipboard', {
  skip: process.platform !== 'linux' && 'needs X',
}, async (t) => {
  const DISPLAY = await startDisplay(t);
  await using machine = newMachine({ DISPLAY });
  const sample = new URL('../samples/demo.flac', import.meta.url).pathname;
  const recorded = await machine.run(['record', '--input', sample, '--pace', 'fast']);
  assert.equal(recorded.code, 0, recorded.stderr);
  assert.match(recorded.stderr, /notes are on the clipboard/);
  const pasted = spawnSync('xsel', ['--clipboard', '--output'], {
    env: { ...process.env, DISPLAY },
    encoding: 'utf8',
  }).stdout;
  const notes = await machine.run(['notes', 'last']);
  assert.match(pasted, /\*\*Maria\*\*/);
  assert.equal(pasted.trim(), notes.stdout.trim());
  spawnSync('xsel', ['--clipboard', '--clear'], { env: { ...process.env, DISPLAY } });
  const kept = await machine.run(['record', '--input', sample, '--pace', 'fast', '--no-clipboard']);
  assert.equal(kept.code, 0, kept.stderr);
  const untouched = spawnSync('xsel', ['--clipboard', '--output'], { env: { ...process.env, DISPLAY } });
  assert.equal(untouched.stdout.toString(), '', '--no-clipboard leaves it alone');
});
