import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';

/** A line of `manifest.jsonl`; what else stands there is ignored. */
const ManifestLine = z.object({
  file: z.string().min(1),
  transcript: z.string(),
  language: z.string().optional(),
  /** Clips that are made of other clips of the folder count in no total. */
  variant: z.boolean().optional(),
  /** Exact word times in seconds, of the words of the transcript in their order. */
  words: z.array(z.object({ start: z.number(), end: z.number() }).nullable()).optional(),
});

/** Audio with what is really said in it. */
export interface BenchClip {
  /** Name within the folder. */
  readonly file: string;
  readonly path: string;
  readonly transcript: string;
  /** ISO 639-1, where the folder says so. */
  readonly language?: string;
  /** ms; as many as the transcript has words, null where unknown. */
  readonly wordTimes?: readonly (readonly [startMs: number, endMs: number] | null)[];
}

const MANIFEST = 'manifest.jsonl';

/**
 * Clips of a folder: those of its `manifest.jsonl`, else every audio file `x.wav` that has its words in `x.txt`.
 * @param language only clips in this language, or of which none is known
 * @throws SpeakrError `file_missing`, `usage` when there is nothing to measure
 */
export async function readBenchFolder(folder: string, cwd: string, language: string): Promise<BenchClip[]> {
  const directory = resolve(cwd, folder);
  const names = await readdir(directory).catch((cause) => {
    throw new SpeakrError('file_missing', `${folder} is not a directory that can be read.`, { cause });
  });
  const clips = names.includes(MANIFEST)
    ? await readManifest(directory)
    : await readPairs(directory, names.toSorted());
  const fitting = clips.filter((clip) => clip.language === undefined || clip.language === language);
  if (fitting.length > 0) return fitting;
  throw new SpeakrError(
    'usage',
    clips.length > 0
      ? `${folder} has no clip in the language ${language}.`
      : `${folder} holds no audio with references.`,
    {
      hint:
        clips.length > 0
          ? 'Choose another with --language.'
          : 'Put the words of x.wav into x.txt, or write a manifest.jsonl (docs/bench.md).',
    },
  );
}

async function readManifest(directory: string): Promise<BenchClip[]> {
  const lines = (await readFile(join(directory, MANIFEST), 'utf8')).split('\n');
  const clips: BenchClip[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const parsed = ManifestLine.safeParse(parseJson(line));
    if (!parsed.success)
      throw new SpeakrError('usage', `${MANIFEST}, line ${index + 1} is not what it should be.`, {
        hint: 'Each line is a JSON object with "file" and "transcript".',
      });
    const { file, transcript, language, variant, words } = parsed.data;
    const path = resolve(directory, file);
    if (variant) continue;
    if (!existsSync(path)) throw new SpeakrError('file_missing', `${file} of ${MANIFEST} does not exist.`);
    clips.push({
      file,
      path,
      transcript,
      ...(language === undefined ? {} : { language }),
      ...(words === undefined
        ? {}
        : { wordTimes: words.map((word) => word && ([word.start * 1000, word.end * 1000] as const)) }),
    });
  }
  return clips;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function readPairs(directory: string, names: readonly string[]): Promise<BenchClip[]> {
  const clips: BenchClip[] = [];
  for (const file of names) {
    const words = `${file.slice(0, -extname(file).length)}.txt`;
    if (extname(file) === '.txt' || !names.includes(words)) continue;
    const path = join(directory, file);
    clips.push({ file, path, transcript: await readFile(join(directory, words), 'utf8') });
  }
  return clips;
}
