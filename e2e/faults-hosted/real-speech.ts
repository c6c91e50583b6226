import { spawnSync } from 'node:child_process';
import path from 'node:path';

const RATE = 16_000;

/** People talking for about so long: the sample of the project, again and again. PCM16 mono 16 kHz. */
export function realSpeech(durationMs: number): Int16Array {
  const file = path.join(import.meta.dirname, '..', '..', 'samples', 'demo.flac');
  const { stdout, status } = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', file, '-f', 's16le', '-ac', '1', '-ar', String(RATE), '-'],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  if (status !== 0) throw new Error(`ffmpeg could not read ${file}`);
  // A buffer of its own: the pool of Node gives no even offset.
  const once = new Int16Array(Uint8Array.from(stdout.subarray(0, stdout.length & ~1)).buffer);
  const times = Math.max(1, Math.round((durationMs * RATE) / 1000 / once.length));
  const pcm = new Int16Array(times * once.length);
  for (let time = 0; time < times; time += 1) pcm.set(once, time * once.length);
  return pcm;
}
