/**
 * Tries an executable on the system it is for: it starts, says its version, finds its parts, and reads a recording when
 * ffmpeg and the models are there.
 *
 *   node scripts/release/smoke-test.ts DIRECTORY_OR_EXECUTABLE
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { version } from '../../cli/version.ts';
import { hostTarget, programName } from '../executable/target.ts';
import { hasTool, runTool } from './run-tool.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const target = hostTarget();
assert.ok(target !== undefined, 'there is no executable for this system');
const named = path.resolve(process.argv[2] ?? path.join(root, 'build', target));
const executable = statSync(named).isDirectory() ? path.join(named, programName(target)) : named;
const home = mkdtempSync(path.join(tmpdir(), 'speakr smoke '));
const speakr = (...args: string[]) =>
  runTool(executable, args, {
    env: {
      ...process.env,
      SPEAKR_DATA_DIR: home,
      SPEAKR_MODELS_DIR: path.join(home, 'models'),
      SPEAKR_IDLE_EXIT_MS: '1000',
    },
  });
try {
  assert.equal(speakr('--version').trim(), version);
  assert.match(speakr('--help'), /transcribe/);
  assert.deepEqual(JSON.parse(speakr('list', '--json')), { recordings: [] });
  assert.match(speakr('models', 'list'), /moonshine-tiny-en/);
  if (hasTool('ffmpeg', '-version')) {
    speakr('models', 'pull', '--quiet');
    assert.match(speakr('transcribe', path.join(root, 'samples', 'demo.flac')), /launch the new website/);
    assert.match(speakr('query', 'who sends the budget?'), /Maria/);
  } else process.stderr.write('ffmpeg is not here: nothing was transcribed.\n');
  process.stdout.write(`${executable} works.\n`);
} finally {
  // The background server is about to end and holds files until then, which Windows does not let go.
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
}
