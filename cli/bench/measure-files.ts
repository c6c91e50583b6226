import type { FileFigures } from '@speakr/contracts/bench-run';
import type { Segment } from '@speakr/contracts/transcript';
import type { Context } from '../context.ts';
import { transcribeFile } from '../transcribe-file.ts';
import type { BenchEngine } from './bench-engine.ts';
import type { BenchClip } from './bench-folder.ts';
import { cpuPerSecond, rounded, totalErrors } from './figures.ts';
import { countWordErrors, normalWords, type WordErrors } from './scoring/word-errors.ts';

/** What was heard in a whole file. */
export interface HeardFile {
  readonly clip: BenchClip;
  readonly segments: readonly Segment[];
  readonly errors: WordErrors;
  readonly audioMs: number;
}

export interface MeasureOptions {
  readonly engine: BenchEngine;
  readonly context: Pick<Context, 'io' | 'clock' | 'ffmpeg' | 'config'>;
  readonly language: string;
  readonly signal: AbortSignal;
  onProgress(done: number, of: number): void;
  /** A clip that could not be measured. @param error never anything but expected errors */
  onFailed(clip: BenchClip, error: unknown): void;
}

/** Transcribes files as `speakr transcribe` does, one after the other; the first is done twice, to warm everything up. */
export async function measureFiles(
  clips: readonly BenchClip[],
  options: MeasureOptions,
): Promise<{ figures: FileFigures; heard: HeardFile[] }> {
  const { engine } = options;
  const heard: HeardFile[] = [];
  let tookMs = 0;
  let warm = false;
  let cpuBefore: number | undefined;
  for (const [index, clip] of clips.entries()) {
    options.onProgress(index, clips.length);
    try {
      if (!warm) {
        await hear(clip, options);
        warm = true;
        cpuBefore = await engine.cpuMs();
      }
      const { took, ...file } = await hear(clip, options);
      tookMs += took;
      heard.push(file);
    } catch (error) {
      options.signal.throwIfAborted();
      options.onFailed(clip, error);
    }
  }
  const audioMs = heard.reduce((sum, file) => sum + file.audioMs, 0);
  const figures = {
    clips: heard.length,
    audioMs,
    ...totalErrors(heard.map(({ errors }) => errors)),
    realTimeFactor: audioMs === 0 ? null : rounded(tookMs / audioMs),
    cpuPerSecond: cpuPerSecond(cpuBefore, await engine.cpuMs(), audioMs),
    memoryBytes: (await engine.memoryBytes()) ?? null,
  };
  return { figures, heard };
}

async function hear(clip: BenchClip, { engine, context, language, signal }: MeasureOptions) {
  const { backend, model } = engine;
  const startedAt = context.clock.monotonic();
  const result = await transcribeFile(clip.path, {
    context: { ...context, backend: async () => backend, api: (need) => backend.api(need) },
    language,
    ...(model === undefined ? {} : { model }),
    template: 'meeting',
    tags: [],
    signal,
    startedAt,
    onProgress: () => undefined,
  });
  const took = context.clock.monotonic() - startedAt;
  await engine.forget(result.recordingId);
  return {
    clip,
    segments: result.segments,
    errors: countWordErrors(normalWords(clip.transcript), normalWords(result.text)),
    audioMs: result.durationMs,
    took,
  };
}
