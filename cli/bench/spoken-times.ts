import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { Segment } from '@speakr/contracts/transcript';
import type { BenchClip } from './bench-folder.ts';
import type { SpokenReference } from './scoring/live-score.ts';
import { alignWords, normalWords } from './scoring/word-errors.ts';

const FRAME_SAMPLES = SAMPLE_RATE / 50;
const FRAME_MS = 20;
/** Pauses shorter than this do not end a phrase, ms. */
const PAUSE_MS = 500;
/** Shorter sounds are no phrase, ms. */
const SHORTEST_MS = 200;
/** Where between the noise and the speech of a clip its threshold lies, as a share of the distance in dB. */
const THRESHOLD_SHARE = 0.4;
/** Closer together, noise and speech cannot be told apart by their level, dB. */
const LEAST_RANGE_DB = 12;

/**
 * Stretches of sound between two pauses, by level alone: independent of every engine that is measured.
 * @param pcm PCM16LE mono at `SAMPLE_RATE`
 * @returns in ms; nothing where speech does not stand out of the noise
 */
export function findPhrases(pcm: Uint8Array): [startMs: number, endMs: number][] {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const levels: number[] = [];
  for (let at = 0; (at + FRAME_SAMPLES) * 2 <= pcm.byteLength; at += FRAME_SAMPLES) {
    let energy = 1;
    for (let index = at; index < at + FRAME_SAMPLES; index++) energy += view.getInt16(index * 2, true) ** 2;
    levels.push(10 * Math.log10(energy / FRAME_SAMPLES));
  }
  const sorted = levels.toSorted((a, b) => a - b);
  const noise = sorted[Math.floor(sorted.length * 0.1)] ?? 0;
  const speech = sorted[Math.floor(sorted.length * 0.9)] ?? 0;
  if (speech - noise < LEAST_RANGE_DB) return [];
  const threshold = noise + THRESHOLD_SHARE * (speech - noise);
  const phrases: [number, number][] = [];
  for (const [index, level] of levels.entries()) {
    if (level < threshold) continue;
    const [startMs, endMs] = [index * FRAME_MS, (index + 1) * FRAME_MS];
    const last = phrases.at(-1);
    if (last !== undefined && startMs - last[1] < PAUSE_MS) last[1] = endMs;
    else phrases.push([startMs, endMs]);
  }
  return phrases.filter(([startMs, endMs]) => endMs - startMs >= SHORTEST_MS);
}

/**
 * What was said in a clip and when. Word times are those of the folder; where it has none, those of a transcript of the
 * whole clip, at the words both have.
 */
export function spokenReference(
  clip: BenchClip,
  pcm: Uint8Array,
  segments: readonly Segment[],
): SpokenReference {
  const words = normalWords(clip.transcript);
  const phrases = findPhrases(pcm);
  if (clip.wordTimes !== undefined && clip.wordTimes.length === words.length)
    return { words, phrases, times: clip.wordTimes.map((time) => time ?? undefined) };
  const heard = segments.flatMap(timedWords);
  const found = new Map<number, readonly [number, number]>();
  const texts = heard.map(({ word }) => word);
  for (const { reference, hypothesis } of alignWords(words, texts))
    if (reference !== undefined && hypothesis !== undefined && words[reference] === texts[hypothesis])
      found.set(reference, heard[hypothesis]?.time ?? [0, 0]);
  return { words, phrases, times: words.map((_, index) => found.get(index)) };
}

/** Words of a segment with their times; without times of its own the segment is shared out by letters. */
function timedWords({ words = [], text, startMs, endMs }: Segment) {
  if (words.length > 0)
    return words.flatMap((word) =>
      normalWords(word.text).map((each) => ({
        word: each,
        time: [word.startMs, word.endMs] as [number, number],
      })),
    );
  const all = normalWords(text);
  const letters = all.reduce((sum, word) => sum + word.length, 0);
  let before = 0;
  return all.map((word) => {
    const from = startMs + ((endMs - startMs) * before) / letters;
    before += word.length;
    return { word, time: [from, startMs + ((endMs - startMs) * before) / letters] as [number, number] };
  });
}
