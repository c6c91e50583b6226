import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clipsFolder, decodeAudio } from '../clips.ts';

/** What is known of a clip: its words, its phrases, and when words were said. Times in seconds. */
export interface ClipReference {
  readonly clip: string;
  readonly kind: string;
  readonly sec: number;
  readonly ref: readonly string[];
  readonly phrases: readonly (readonly [start: number, end: number])[];
  readonly times: readonly (readonly [start: number, end: number] | null)[];
}

/** The folder with `clips.txt` and `ref.json`. */
export function liveFolder(): string | undefined {
  return process.env.SPEAKR_TEST_LIVE;
}

export function readReferences(folder: string): ClipReference[] {
  return JSON.parse(readFileSync(join(folder, 'ref.json'), 'utf8')) as ClipReference[];
}

/** A clip as it is played: a file, or a part of it in seconds. */
export interface PlayedClip {
  readonly clip: string;
  readonly file: string;
  readonly start?: number;
  readonly end?: number;
}

/** Lines of `clips.txt`: a file, perhaps start and end; words with `=` tell how the reference was made. */
export function readPlayedClips(folder: string): PlayedClip[] {
  return readFileSync(join(folder, 'clips.txt'), 'utf8')
    .split('\n')
    .map((line) => line.split(/\s+/).filter((word) => word !== '' && !word.includes('=')))
    .filter(([file]) => file !== undefined)
    .map(([file = '', start, end]) => ({
      clip: file.replace(/\.flac$/, ''),
      file,
      ...(start === undefined || end === undefined ? {} : { start: Number(start), end: Number(end) }),
    }));
}

/** PCM16 mono 16 kHz. */
export async function readPlayedClip(audio: string, { file, start, end }: PlayedClip): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of decodeAudio(['-i', join(audio, file)])) pieces.push(piece);
  const pcm = Buffer.concat(pieces);
  return start === undefined || end === undefined
    ? pcm
    : pcm.subarray(Math.trunc(start * 16_000) * 2, Math.trunc(end * 16_000) * 2);
}

/** Folders of recordings and of references, or why live captions cannot be measured here. */
export function liveFolders(): { audio: string; live: string } {
  const audio = clipsFolder();
  const live = liveFolder();
  if (audio === undefined || live === undefined || !existsSync(join(live, 'ref.json'))) {
    process.stderr.write(
      'SPEAKR_TEST_AUDIO names no folder with recordings or SPEAKR_TEST_LIVE none with ref.json and clips.txt: ' +
        'live captions cannot be measured.\n',
    );
    process.exit(1);
  }
  return { audio, live };
}
