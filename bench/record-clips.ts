import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RecordEvent } from '@speakr/contracts/cli-json';
import type { Segment } from '@speakr/contracts/transcript';
import { encodeWav } from '../server/transcriber/wav.ts';
import type { Excerpt } from './excerpts.ts';
import type { Heard } from './hear-twice.ts';

/** Has `speakr record` hear excerpts one after the other in real time, as a user would, on a server of its own. */
export async function recordClips(excerpts: readonly Excerpt[]): Promise<Heard[]> {
  const work = await mkdtemp(join(tmpdir(), 'speakr-second-pass-'));
  const launcher = join(import.meta.dirname, '..', 'cli', 'bin', 'speakr.cjs');
  const lines = async function* (...words: string[]) {
    const command = spawn(process.execPath, [launcher, ...words, '--json'], {
      env: { ...process.env, SPEAKR_DATA_DIR: join(work, 'data'), NODE_V8_COVERAGE: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const line of createInterface({ input: command.stdout })) yield JSON.parse(line);
  };
  try {
    const heard: Heard[] = [];
    for (const { name, pcm } of excerpts) {
      const file = join(work, `${name}.wav`);
      await writeFile(file, encodeWav(floatsOf(pcm)));
      const finals: string[] = [];
      let recordingId = '';
      for await (const line of lines('record', '--input', file, '--pace', 'real', '--no-clipboard')) {
        const event = RecordEvent.parse(line);
        if (event.type === 'final') finals.push(event.text);
        if (event.type === 'finished') ({ recordingId } = event);
      }
      let segments: Segment[] = [];
      for await (const shown of lines('show', recordingId)) segments = shown.transcript?.segments ?? [];
      heard.push({ live: finals.join(' '), second: segments.map(({ text }) => text).join(' ') });
    }
    return heard;
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** PCM16 as float32 in [-1, 1]. */
function floatsOf(pcm: Buffer): Float32Array {
  return Float32Array.from({ length: pcm.length / 2 }, (_, index) => pcm.readInt16LE(index * 2) / 32_768);
}
