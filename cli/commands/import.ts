import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve } from 'node:path';
import type { TranscribeFailure, TranscribeResult } from '@speakr/contracts/cli-json';
import { type ExitCode, SpeakrError } from '@speakr/contracts/problem';
import { SAMPLE_RATE } from '@speakr/contracts/stream';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { openLedger } from '../intake/ledger.ts';
import { isMediaFile, listMediaFiles } from '../intake/media-files.ts';
import { takeIn } from '../intake/take-in.ts';
import { readTranscriptFile, spreadOver, transcriptEndings } from '../intake/transcript-file.ts';
import { errorJson, errorLine } from '../output.ts';
import { bar } from '../pull-model.ts';
import { startCapture } from '../recorder/capture.ts';
import { fileArguments } from '../recorder/capture-arguments.ts';
import { chooseTemplate } from '../template-choice.ts';
import { clockTime, shortId } from '../time-format.ts';
import { transcribeFile } from '../transcribe-file.ts';

export const definition = define({
  name: 'import',
  summary: 'Take in audio with transcripts that are there already',
  details:
    'Beside talk.mp3 lies talk.json, talk.vtt, talk.srt or talk.txt. Nothing is recognized: the transcript is kept as it is, with the audio, and notes and search are made of it. Each file once, by its content, also when its recording was deleted since.',
  group: 'Record',
  arguments: [{ name: 'path', repeat: true, summary: 'Folders, or audio files' }],
  options: [
    { name: 'language', value: 'CODE', summary: 'Spoken language, ISO 639-1' },
    { name: 'title', value: 'TEXT', summary: 'Title; made from the content when none is given' },
    { name: 'tag', value: 'TAG', repeat: true, summary: 'Tag; may be repeated' },
    { name: 'template', value: 'NAME', summary: 'Notes template, or the path of a template file' },
    jsonOption,
  ],
  examples: ['speakr import ~/old-meetings --tag archive', 'speakr import talk.mp3'],
});

type Options = OptionsOf<typeof definition>;

/** Audio with the transcript that lies beside it. */
interface Pair {
  readonly name: string;
  readonly audio: string;
  readonly transcript: string;
}

export async function run(options: Options, context: Context): Promise<ExitCode> {
  const { output, io } = context;
  const { values, paths } = context.config();
  const { pairs, lonely } = await findPairs(options.path, io.cwd);
  for (const name of lonely)
    output.talk(`${name}: has no transcript beside it; \`speakr transcribe\` makes one.`);
  if (pairs.length === 0)
    throw new SpeakrError('usage', 'There is no audio with a transcript.', {
      hint: `Beside talk.mp3 there should be ${transcriptEndings.map((ending) => `talk${ending}`).join(', ')}.`,
    });
  const template = await chooseTemplate(options.template ?? values.template, io.cwd);
  const ledger = await openLedger(paths.dataDir, values.server);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) io.signals.once(signal, interrupt);
  let exitCode: ExitCode = lonely.length > 0 ? 1 : 0;
  try {
    for (const pair of pairs) {
      try {
        const taken = await takeIn(pair.audio, {
          ledger,
          context,
          make: (recordingId) =>
            importPair(pair, recordingId, { options, context, template, signal: abort.signal }),
        });
        if (taken.state === 'known') {
          output.talk(`${pair.name}: was taken in before, as ${shortId(taken.recordingId)}.`);
          continue;
        }
        const { result } = taken;
        if (options.json) output.json({ ...result, file: pair.name });
        else output.line([shortId(result.recordingId), clockTime(result.durationMs), pair.name].join('\t'));
      } catch (error) {
        if (abort.signal.aborted)
          throw new SpeakrError('interrupted', 'Interrupted.', {
            hint: 'Run it again; what is done is done.',
          });
        if (!(error instanceof SpeakrError)) throw error;
        if (options.json)
          output.json({ file: pair.name, error: errorJson(error) } satisfies TranscribeFailure);
        else output.talk(`${pair.name}: ${errorLine(error)}`);
        exitCode = 1;
      } finally {
        output.progress('');
      }
    }
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) io.signals.removeListener(signal, interrupt);
  }
  return exitCode;
}

async function findPairs(given: readonly string[], cwd: string) {
  const pairs: Pair[] = [];
  const lonely: string[] = [];
  for (const word of given) {
    const path = resolve(cwd, word);
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined) throw new SpeakrError('file_missing', `${word} does not exist.`);
    const files = facts.isDirectory() ? (await listMediaFiles(path)).map((file) => file.path) : [path];
    for (const audio of files) {
      if (!isMediaFile(basename(audio)))
        throw new SpeakrError('usage', `${word} is neither a folder nor audio.`, {
          hint: 'Name the audio; its transcript is found beside it.',
        });
      const stem = audio.slice(0, -extname(audio).length);
      const transcript = transcriptEndings.map((ending) => stem + ending).find((each) => existsSync(each));
      const name = facts.isDirectory() ? join(word, relative(path, audio)) : word;
      if (transcript === undefined) lonely.push(name);
      else pairs.push({ name, audio, transcript });
    }
  }
  return { pairs, lonely };
}

interface ImportOptions {
  readonly options: Options;
  readonly context: Context;
  readonly template: { readonly template: string; readonly templateText?: string };
  readonly signal: AbortSignal;
}

async function importPair(
  { name, audio, transcript }: Pair,
  recordingId: string,
  { options, context, template, signal }: ImportOptions,
): Promise<TranscribeResult> {
  const { output, clock, config } = context;
  const language = options.language ?? config().values.language;
  const tags = (options.tag ?? []).map((tag) => tag.replace(/^#/, ''));
  const title = options.title === undefined ? {} : { title: options.title };
  const read = await readTranscriptFile(transcript);
  const segments = read.timed
    ? [...read.segments]
    : spreadOver(read.paragraphs, await durationOf(audio, context));
  const api = await context.api('write');
  await api.importRecording({
    body: {
      id: recordingId,
      source: basename(audio),
      startedAt: Math.round((await stat(audio)).mtimeMs),
      language,
      tags,
      ...title,
      ...template,
      segments,
    },
  });
  return transcribeFile(audio, {
    context,
    recordingId,
    language,
    ...template,
    ...title,
    tags,
    signal,
    startedAt: clock.monotonic(),
    onProgress: (fraction) => output.progress(`${bar(fraction, 12)} ${name}`),
  });
}

/** Length of the sound in a file, ms: counted, since headers may lie. */
async function durationOf(path: string, { ffmpeg, io }: Pick<Context, 'ffmpeg' | 'io'>): Promise<number> {
  const capture = startCapture({ ffmpeg: ffmpeg(), arguments: fileArguments(path), env: io.env });
  let bytes = 0;
  for await (const chunk of capture.chunks) bytes += chunk.byteLength;
  return Math.floor((bytes * 500) / SAMPLE_RATE);
}
