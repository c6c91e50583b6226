import type { LiveFigures, StreamFigures } from '@speakr/contracts/bench-run';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import { startCapture } from '../recorder/capture.ts';
import { fileArguments } from '../recorder/capture-arguments.ts';
import type { BenchClip } from './bench-folder.ts';
import { cpuPerSecond, rounded, spreadOf, totalErrors } from './figures.ts';
import type { HeardFile, MeasureOptions } from './measure-files.ts';
import { type PlayedClip, playClip } from './play-clip.ts';
import { type LiveScore, scoreLive } from './scoring/live-score.ts';
import { countWordErrors, normalWords, type WordErrors } from './scoring/word-errors.ts';
import { spokenReference } from './spoken-times.ts';

interface ScoredClip {
  readonly clip: BenchClip;
  readonly played: PlayedClip;
  readonly score: LiveScore;
  /** Of the transcript that is kept. */
  readonly kept: WordErrors;
  readonly audioMs: number;
}

/** More streams than this are not tried. */
const MOST_STREAMS = 64;

/** Plays clips in real time, one after the other, and judges what was shown. */
export async function measureLive(
  files: readonly HeardFile[],
  options: MeasureOptions,
): Promise<{ figures: LiveFigures; scored: ScoredClip[] }> {
  const { engine } = options;
  const scored: ScoredClip[] = [];
  const before = await engine.cpuMs();
  for (const [index, file] of files.entries()) {
    options.onProgress(index, files.length);
    try {
      scored.push(await playAndScore(file, options));
    } catch (error) {
      options.signal.throwIfAborted();
      options.onFailed(file.clip, error);
    }
  }
  const audioMs = scored.reduce((sum, clip) => sum + clip.audioMs, 0);
  const all = scored.map(({ score }) => score);
  const finalWords = all.reduce((sum, score) => sum + score.finalWords, 0);
  const revised = all.reduce((sum, score) => sum + score.revisedWords, 0);
  const figures = {
    clips: scored.length,
    audioMs,
    ...totalErrors(all.map(({ errors }) => errors)),
    keptWordErrorRate: totalErrors(scored.map(({ kept }) => kept)).wordErrorRate,
    firstDisplayMs: spreadOf(all.flatMap((score) => score.wordLagMs)),
    stabilisationMs: spreadOf(all.flatMap((score) => score.stabilisationMs)),
    finalisationMs: spreadOf(all.flatMap((score) => score.finalisationMs)),
    firstTextMs: spreadOf(all.flatMap((score) => score.firstTextMs)),
    flicker: finalWords === 0 ? null : rounded(revised / finalWords),
    missedPhrases: all.reduce((sum, score) => sum + score.missedPhrases, 0),
    stopToFinalMs: spreadOf(scored.flatMap(({ played }) => played.stopToFinalMs ?? [])),
    stopToNotesMs: spreadOf(scored.flatMap(({ played }) => played.stopToNotesMs ?? [])),
    cpuPerSecond: cpuPerSecond(before, await engine.cpuMs(), audioMs),
  };
  return { figures, scored };
}

/**
 * Doubles the number of streams until their finals come too late. Streams begin one after the other, so that they do
 * not all pause at once.
 * @param single p95 of the finals of one stream, ms
 * @param cores of the machine of the server
 */
export async function measureStreams(
  files: readonly HeardFile[],
  options: MeasureOptions & { readonly single: number; readonly cores: number; readonly most: number },
): Promise<StreamFigures> {
  const tried: StreamFigures['tried'] = [];
  for (let streams = 2; streams <= Math.min(MOST_STREAMS, options.most); streams *= 2) {
    options.onProgress(streams, options.most);
    const played = await Promise.all(
      Array.from({ length: streams }, (_, index) =>
        playAndScore(files[index % files.length] as HeardFile, options, (index * 1000) / streams),
      ),
    );
    const finalisationMs = spreadOf(played.flatMap(({ score }) => score.finalisationMs));
    const inTime = finalisationMs !== null && finalisationMs.p95 <= 2 * options.single;
    const missedPhrases = played.reduce((sum, { score }) => sum + score.missedPhrases, 0);
    tried.push({ streams, finalisationMs, missedPhrases, inTime });
    if (!inTime) break;
  }
  const most = Math.max(1, ...tried.filter(({ inTime }) => inTime).map(({ streams }) => streams));
  return { most, perCore: rounded(most / options.cores), tried };
}

async function playAndScore(file: HeardFile, options: MeasureOptions, delayMs = 0): Promise<ScoredClip> {
  const { engine, context, language, signal } = options;
  const pcm = await readPcm(file.clip.path, options);
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const played = await playClip(pcm, { engine, language, clock: context.clock, signal });
  await engine.forget(played.recordingId);
  const score = scoreLive(spokenReference(file.clip, pcm, file.segments), played.shown);
  const kept = countWordErrors(normalWords(file.clip.transcript), normalWords(played.text));
  return { clip: file.clip, played, score, kept, audioMs: Math.round((pcm.byteLength * 500) / SAMPLE_RATE) };
}

async function readPcm(path: string, { context }: MeasureOptions): Promise<Uint8Array> {
  const capture = startCapture({
    ffmpeg: context.ffmpeg(),
    arguments: fileArguments(path),
    env: context.io.env,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of capture.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}
