import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';

/** A stretch of a transcript that was made elsewhere. */
export interface ImportedSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly speaker?: string;
}

/** A transcript, with times or without. */
export type ImportedTranscript =
  | { readonly timed: true; readonly segments: readonly ImportedSegment[] }
  | { readonly timed: false; readonly paragraphs: readonly string[] };

/** Endings of transcripts, the better ones first. */
export const transcriptEndings = ['.json', '.vtt', '.srt', '.txt'] as const;

/**
 * Reads a transcript: SubRip, WebVTT, text, or JSON with segments as speakr or Whisper write it.
 * @throws SpeakrError `file_unreadable`, `usage` when it is not what its name says
 */
export async function readTranscriptFile(path: string): Promise<ImportedTranscript> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new SpeakrError('file_unreadable', `${path} cannot be read.`, { cause });
  });
  const clean = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const ending = extname(path).toLowerCase();
  if (ending === '.txt') return { timed: false, paragraphs: paragraphsOf(clean) };
  const segments = (ending === '.json' ? segmentsOfJson(clean) : segmentsOfCues(clean))?.filter(
    ({ text }) => text !== '',
  );
  if (segments === undefined || (segments.length === 0 && clean.trim() !== '' && ending !== '.json'))
    throw new SpeakrError('usage', `${path} is no transcript that speakr can read.`, {
      hint: 'It takes .srt, .vtt, .txt, and .json with "segments" that have times and text.',
    });
  return { timed: true, segments: segments.toSorted((a, b) => a.startMs - b.startMs) };
}

/** Times for paragraphs that have none: each as long as its share of the letters. */
export function spreadOver(paragraphs: readonly string[], durationMs: number): ImportedSegment[] {
  const letters = paragraphs.reduce((sum, text) => sum + text.length, 0);
  let before = 0;
  return paragraphs.map((text) => {
    const startMs = Math.round((durationMs * before) / letters);
    before += text.length;
    return { startMs, endMs: Math.round((durationMs * before) / letters), text };
  });
}

/** Sentences where lines are long, so that a citation leads near to what was said. */
function paragraphsOf(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => (line.length > 200 ? line.split(/(?<=[.!?…])\s+/) : [line]))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const CUE = /^\s*(\d+:)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(\d+:)?(\d{1,2}):(\d{2})[.,](\d{1,3})/;

/** Cues of SubRip and WebVTT: a line with times, then text up to an empty line. */
function segmentsOfCues(text: string): ImportedSegment[] {
  return text.split(/\n{2,}/).flatMap((block) => {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => CUE.test(line));
    const match = CUE.exec(lines[at] ?? '');
    if (match === null) return [];
    const [, h1, m1, s1, f1, h2, m2, s2, f2] = match;
    const spoken = lines.slice(at + 1).join(' ');
    const voice = /^\s*<v(?:\.[^\s>]*)?\s+([^>]+)>/.exec(spoken)?.[1]?.trim();
    return [
      {
        startMs: timeOf(h1, m1, s1, f1),
        endMs: timeOf(h2, m2, s2, f2),
        text: plainText(spoken),
        ...(voice === undefined ? {} : { speaker: voice }),
      },
    ];
  });
}

const timeOf = (hours = '0:', minutes = '0', seconds = '0', fraction = '0') =>
  ((Number.parseInt(hours, 10) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 +
  Number(fraction.padEnd(3, '0'));

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', quot: '"' };

const plainText = (text: string) =>
  text
    .replace(/<[^>]*>|\{\\[^}]*\}/g, '')
    .replace(/&(amp|lt|gt|nbsp|quot);/g, (_, name: string) => entities[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim();

const inMs = z.object({
  startMs: z.number().min(0),
  endMs: z.number().min(0),
  text: z.string(),
  speaker: z.string().max(80).optional(),
});
const inSeconds = z.object({
  start: z.number().min(0),
  end: z.number().min(0),
  text: z.string(),
  speaker: z.string().max(80).optional(),
});
const Segments = z.object({ segments: z.array(z.union([inMs, inSeconds])) });
const Wrapped = z.object({ transcript: Segments });

function segmentsOfJson(text: string): ImportedSegment[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const found = Wrapped.safeParse(value).data?.transcript ?? Segments.safeParse(value).data;
  return found?.segments.map((segment) => {
    const times =
      'startMs' in segment
        ? { startMs: segment.startMs, endMs: segment.endMs }
        : { startMs: segment.start * 1000, endMs: segment.end * 1000 };
    return {
      startMs: Math.round(times.startMs),
      endMs: Math.round(Math.max(times.startMs, times.endMs)),
      text: segment.text.trim(),
      ...(segment.speaker === undefined ? {} : { speaker: segment.speaker }),
    };
  });
}
