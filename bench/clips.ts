import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A line of the clips' `manifest.jsonl`. */
export interface Clip {
  readonly file: string;
  readonly transcript: string;
  readonly language: string;
  readonly seconds: number;
  readonly kind: string;
  /** Built from other clips of the set: left out of overall figures. */
  readonly variant?: boolean;
  /** Where somebody speaks, of clips that were put together, in seconds. */
  readonly segments?: readonly { readonly start: number; readonly end: number }[];
}

/** The folder with real recordings and their references. */
export function clipsFolder(): string | undefined {
  return process.env.SPEAKR_TEST_AUDIO;
}

export async function readClips(folder: string, language = 'en'): Promise<Clip[]> {
  const lines = (await readFile(join(folder, 'manifest.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Clip).filter((clip) => clip.language === language);
}

/** What ffmpeg makes of its input as PCM16 mono 16 kHz, in pieces as they come. */
export async function* decodeAudio(input: readonly string[]): AsyncGenerator<Uint8Array> {
  const ffmpeg = spawn(
    'ffmpeg',
    ['-v', 'error', '-nostdin', ...input, '-f', 's16le', '-ac', '1', '-ar', '16000', '-'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    ffmpeg.once('close', resolve);
    ffmpeg.once('error', reject);
  });
  let odd: Uint8Array | undefined;
  for await (const piece of ffmpeg.stdout) {
    // A sample may be torn between two pieces.
    const bytes: Uint8Array = odd === undefined ? piece : Buffer.concat([odd, piece]);
    odd = bytes.length % 2 === 0 ? undefined : bytes.subarray(-1);
    if (bytes.length > 1) yield bytes.subarray(0, bytes.length - (odd?.length ?? 0));
  }
  const code = await ended;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

/** A whole file as PCM16 mono 16 kHz. */
export async function readAudio(file: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of decodeAudio(['-i', file])) pieces.push(piece);
  return Buffer.concat(pieces);
}
