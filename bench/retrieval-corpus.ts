import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TranscribeResult } from '@speakr/contracts/cli-json';
import type { Segment } from '@speakr/contracts/transcript';

/** A recording of the corpus: a sample of the repository or a clip of the development set. */
export interface CorpusRecording {
  /** File name of the clip, or path of the sample. */
  readonly file: string;
  readonly durationMs: number;
  readonly segments: readonly Segment[];
}

export interface Question {
  readonly question: string;
  readonly kind: 'paraphrase' | 'name';
  /** Where the answer is; several when each of them has it. */
  readonly clip: string | readonly string[];
  /** Which part of the clip holds the answer, as shares of its words; all of it when absent. */
  readonly at?: readonly [number, number];
}

const root = join(import.meta.dirname, '..');
const samples = ['samples/demo.flac', 'samples/standup.flac'];

interface Line {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly speaker?: string;
}
interface Clip {
  readonly file: string;
  readonly transcript: string;
  readonly language: string;
  readonly seconds: number;
  /** Built from other clips of the set. */
  readonly variant?: boolean;
  readonly segments?: readonly { start: number; end: number; text: string }[];
}

/** Recordings as the references have them: what a perfect recognizer would give. */
export async function referenceCorpus(audioDir: string): Promise<CorpusRecording[]> {
  const clips = (await englishClips(audioDir)).map((clip) => {
    const durationMs = Math.round(clip.seconds * 1000);
    const lines =
      clip.segments?.map(({ start, end, text }) => ({ startMs: start * 1000, endMs: end * 1000, text })) ??
      toLines(clip.transcript, durationMs);
    return toRecording(clip.file, durationMs, lines);
  });
  const spoken = samples.map(async (file) => {
    const lines: Line[] = JSON.parse(await readFile(join(root, file.replace('.flac', '.json')), 'utf8'));
    return toRecording(file, lines.at(-1)!.endMs, lines);
  });
  return [...clips, ...(await Promise.all(spoken))];
}

/** Recordings as `speakr transcribe` gives them. */
export async function recognizedCorpus(audioDir: string, dataDir: string): Promise<CorpusRecording[]> {
  const files = [
    ...(await englishClips(audioDir)).map(({ file }) => ({ file, path: join(audioDir, file) })),
    ...samples.map((file) => ({ file, path: join(root, file) })),
  ];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'cli', 'run.ts'), 'transcribe', '--json', ...files.map(({ path }) => path)],
    { env: { ...process.env, SPEAKR_DATA_DIR: dataDir }, maxBuffer: 1e8 },
  );
  const results = stdout
    .trim()
    .split('\n')
    .map((line): TranscribeResult => JSON.parse(line));
  return files.map(({ file, path }) => {
    const result = results.find((each) => each.file === path);
    if (result?.segments === undefined) throw new Error(`${file} was not transcribed`);
    return { file, durationMs: result.durationMs, segments: result.segments };
  });
}

async function englishClips(audioDir: string): Promise<Clip[]> {
  const manifest = await readFile(join(audioDir, 'manifest.jsonl'), 'utf8');
  return manifest
    .trim()
    .split('\n')
    .map((line): Clip => JSON.parse(line))
    .filter((clip) => clip.language === 'en' && clip.variant !== true && clip.transcript !== '');
}

/** Words a line where a reference has no punctuation. */
const LINE_WORDS = 14;

/** Splits a reference into sentences, or into lines where it has none; times by share of the words. */
function toLines(text: string, durationMs: number): Line[] {
  const sentences = text.match(/[^.!?]+[.!?]*\s*/g) ?? [];
  const lines = sentences.flatMap((sentence) => {
    const words = sentence.trim().split(/\s+/);
    const parts = Math.max(1, Math.round(words.length / LINE_WORDS));
    const size = Math.ceil(words.length / parts);
    return Array.from({ length: parts }, (_, part) => words.slice(part * size, (part + 1) * size));
  });
  const all = lines.flat().length;
  let at = 0;
  return lines.map((words) => {
    const startMs = (at / all) * durationMs;
    at += words.length;
    return { startMs, endMs: (at / all) * durationMs, text: words.join(' ') };
  });
}

function toRecording(file: string, durationMs: number, lines: readonly Line[]): CorpusRecording {
  const segments = lines.map(
    ({ startMs, endMs, text, speaker }, index): Segment => ({
      id: `1.0.${index}`,
      track: 0,
      startMs: Math.round(startMs),
      endMs: Math.round(endMs),
      text,
      speaker,
    }),
  );
  return { file, durationMs, segments };
}
