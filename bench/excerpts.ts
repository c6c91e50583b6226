import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalWords } from '../cli/bench/scoring/word-errors.ts';
import { type Clip, readAudio } from './clips.ts';

/** A clip, or a part of one in seconds, and what was said. */
export interface Excerpt {
  readonly name: string;
  readonly kind: string;
  readonly pcm: Buffer;
  readonly reference: readonly string[];
}

export async function wholeClip(folder: string, { file, kind, transcript }: Clip): Promise<Excerpt> {
  return { name: file, kind, pcm: await readAudio(join(folder, file)), reference: normalWords(transcript) };
}

/** The clips of `clips.txt`: a file, perhaps start and end in seconds. References are in `ref.json`. */
export async function readExcerpts(folder: string, liveFolder: string): Promise<Excerpt[]> {
  const references = JSON.parse(readFileSync(join(liveFolder, 'ref.json'), 'utf8')) as {
    clip: string;
    kind: string;
    ref: string[];
  }[];
  const made: Excerpt[] = [];
  for (const line of readFileSync(join(liveFolder, 'clips.txt'), 'utf8').trim().split('\n')) {
    const [file = '', start, end] = line.split(/\s+/).filter((word) => !word.includes('='));
    const name = file.replace(/\.flac$/, '');
    const known = references.find(({ clip }) => clip === name);
    const pcm = await readAudio(join(folder, file));
    const part =
      start === undefined || end === undefined
        ? pcm
        : pcm.subarray(Math.trunc(Number(start) * 16_000) * 2, Math.trunc(Number(end) * 16_000) * 2);
    made.push({ name, kind: known?.kind ?? 'unknown', pcm: part, reference: known?.ref ?? [] });
  }
  return made;
}
