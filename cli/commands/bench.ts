import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { BenchRun } from '@speakr/contracts/bench-run';
import { type ExitCode, SpeakrError } from '@speakr/contracts/problem';
import { openBenchEngine } from '../bench/bench-engine.ts';
import { type BenchClip, readBenchFolder } from '../bench/bench-folder.ts';
import { type HeardFile, measureFiles } from '../bench/measure-files.ts';
import { measureLive, measureStreams } from '../bench/measure-live.ts';
import { showRuns } from '../bench/show-runs.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { errorLine } from '../output.ts';
import { byteSize } from '../time-format.ts';
import { version } from '../version.ts';

export const definition = define({
  name: 'bench',
  summary: 'Measure how well and how fast engines hear your own recordings',
  details:
    'The folder holds audio with what is said in it: x.wav with x.txt, or a manifest.jsonl. Files are transcribed, then some are played in real time to measure captions. Nothing is added to your recordings. What each figure means is in docs/bench.md.',
  group: 'Care',
  arguments: [{ name: 'folder', optional: true, summary: 'Folder with audio and references' }],
  options: [
    {
      name: 'model',
      value: 'ID',
      repeat: true,
      summary: 'Model, or http://host/v1#MODEL of a speech server; twice to compare two',
    },
    { name: 'language', value: 'CODE', summary: 'Spoken language, ISO 639-1' },
    { name: 'limit', value: 'N', number: true, summary: 'Only the first files' },
    {
      name: 'live-minutes',
      value: 'N',
      number: true,
      summary: 'How much to play in real time (2); 0 leaves captions out',
    },
    {
      name: 'streams',
      value: 'N',
      number: true,
      summary: 'Try up to so many streams at once (off)',
    },
    { name: 'save', value: 'FILE', summary: 'Write the figures to a file, one line for each engine' },
    {
      name: 'compare',
      value: 'FILE',
      repeat: true,
      summary: 'Show the figures of an earlier run beside; without a folder, of two',
    },
    { name: 'clips', summary: 'Show the word errors of each file, too' },
    jsonOption,
  ],
  examples: [
    'speakr bench ~/meetings',
    'speakr bench clips --model moonshine-tiny-en --model http://127.0.0.1:8000/v1#tiny.en',
    'speakr bench clips --live-minutes 0 --save today.jsonl',
    'speakr bench --compare last-week.jsonl --compare today.jsonl',
  ],
});

type Options = OptionsOf<typeof definition>;

export async function run(options: Options, context: Context): Promise<ExitCode> {
  const { output, io } = context;
  const earlier = (await Promise.all((options.compare ?? []).map((path) => readRuns(path, io.cwd)))).flat();
  if (options.folder === undefined && earlier.length === 0)
    throw new SpeakrError('usage', 'There is nothing to measure.', {
      hint: 'Name a folder with audio and references; docs/bench.md says what it holds.',
    });
  const measured = options.folder === undefined ? [] : await measure(options.folder, options, context);
  if (options.save !== undefined)
    await writeFile(
      resolve(io.cwd, options.save),
      measured.map((each) => `${JSON.stringify(each)}\n`).join(''),
    );
  const runs = [...earlier, ...measured];
  if (options.json) for (const each of runs) output.json(each);
  else {
    if (options.clips) showClips(measured, context);
    showRuns(runs, output, io.stdout.columns);
  }
  return measured.some(({ failed }) => failed.length > 0) ? 1 : 0;
}

async function measure(folder: string, options: Options, context: Context): Promise<BenchRun[]> {
  const { io, output } = context;
  const language = options.language ?? context.config().values.language;
  const all = await readBenchFolder(folder, io.cwd, language);
  const clips = all.slice(0, options.limit ?? all.length);
  context.ffmpeg();
  const abort = new AbortController();
  const interrupt = () =>
    abort.abort(new SpeakrError('interrupted', 'Interrupted.', { hint: 'Run it again.' }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) io.signals.once(signal, interrupt);
  try {
    const runs: BenchRun[] = [];
    for (const model of options.model ?? [undefined])
      runs.push(await measureOne(clips, { model, language, options, context, signal: abort.signal }));
    return runs;
  } finally {
    output.progress('');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) io.signals.removeListener(signal, interrupt);
  }
}

interface OneEngine {
  readonly model: string | undefined;
  readonly language: string;
  readonly options: Options;
  readonly context: Context;
  readonly signal: AbortSignal;
}

async function measureOne(clips: readonly BenchClip[], one: OneEngine): Promise<BenchRun> {
  const { model, language, options, context, signal } = one;
  const { output } = context;
  const measuredAt = context.clock.now();
  await using engine = await openBenchEngine(model, context);
  const failed: BenchRun['failed'] = [];
  const shared = {
    engine,
    context,
    language,
    signal,
    onFailed(clip: BenchClip, error: unknown) {
      // What is wrong with the engine is wrong with every file.
      if (!(error instanceof SpeakrError) || !isOfTheFile(error)) throw error;
      output.talk(`${clip.file}: ${errorLine(error)}`);
      if (!failed.some(({ file }) => file === clip.file)) failed.push({ file: clip.file, code: error.code });
    },
  };
  const progress = (what: string) => (done: number, of: number) =>
    output.progress(`${engine.name}: ${what} ${done + 1} of ${of}`);

  const { figures: files, heard } = await measureFiles(clips, { ...shared, onProgress: progress('file') });
  const chosen = chooseLive(heard, (options.liveMinutes ?? 2) * 60_000);
  const live =
    chosen.length === 0
      ? undefined
      : await measureLive(chosen, { ...shared, onProgress: progress('playing') });
  const single = live?.figures.finalisationMs?.p95;
  const cores = cpus().length;
  const streams =
    options.streams === undefined || single === undefined
      ? null
      : await measureStreams(chosen, {
          ...shared,
          single,
          cores,
          most: options.streams,
          onProgress: (streams) => output.progress(`${engine.name}: ${streams} streams at once`),
        });
  output.progress('');
  return {
    format: 1,
    speakr: version,
    measuredAt,
    machine: machineName(),
    cores,
    engine: engine.name,
    ...(engine.server === undefined ? {} : { server: engine.server }),
    language,
    files,
    live: live?.figures ?? null,
    streams,
    perClip: heard.map(({ clip, errors }) => {
      const played = live?.scored.find((each) => each.clip === clip);
      return {
        file: clip.file,
        words: errors.words,
        errors: errors.errors,
        ...(played === undefined ? {} : { liveErrors: played.score.errors.errors }),
      };
    }),
    failed,
  };
}

const isOfTheFile = ({ code }: SpeakrError) => code.startsWith('file_') || code.startsWith('audio_');

/** Clips from all over the folder, until there is enough to play; at least one. */
function chooseLive(heard: readonly HeardFile[], budgetMs: number): HeardFile[] {
  if (budgetMs <= 0) return [];
  const totalMs = heard.reduce((sum, { audioMs }) => sum + audioMs, 0);
  const chosen: HeardFile[] = [];
  let seenMs = 0;
  let chosenMs = 0;
  for (const file of heard) {
    // Chosen audio keeps pace with the share of the folder that was passed.
    if (chosenMs <= (budgetMs * seenMs) / totalMs && chosenMs < budgetMs) {
      chosen.push(file);
      chosenMs += file.audioMs;
    }
    seenMs += file.audioMs;
  }
  return chosen;
}

function machineName(): string {
  const processors = cpus();
  const processor = processors[0]?.model.trim() ?? 'unknown processor';
  return `${processor}, ${processors.length} cores, ${byteSize(totalmem())}, ${process.platform} ${process.arch}`;
}

async function readRuns(path: string, cwd: string): Promise<BenchRun[]> {
  const text = await readFile(resolve(cwd, path), 'utf8').catch((cause) => {
    throw new SpeakrError('file_missing', `${path} cannot be read.`, { cause });
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    return lines.map((line) => BenchRun.parse(JSON.parse(line)));
  } catch (cause) {
    throw new SpeakrError('usage', `${path} was not written by \`speakr bench --save\`.`, { cause });
  }
}

function showClips(runs: readonly BenchRun[], { output }: Pick<Context, 'output'>): void {
  for (const { engine, perClip } of runs)
    output.table(
      [
        { heading: engine, shrink: true },
        { heading: 'words', right: true },
        { heading: 'errors', right: true },
        { heading: 'live', right: true },
      ],
      perClip.map(({ file, words, errors, liveErrors }) => [
        file,
        `${words}`,
        `${errors}`,
        `${liveErrors ?? ''}`,
      ]),
    );
}
