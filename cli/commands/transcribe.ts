import type { TranscribeFailure, TranscribeResult } from '@speakr/contracts/cli-json';
import type { ExitCode } from '@speakr/contracts/problem';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf, outputOption } from '../definition.ts';
import { errorJson, errorLine } from '../output.ts';
import { projectTerms } from '../project-vocabulary.ts';
import { pullMissing } from '../pull-missing.ts';
import { bar } from '../pull-model.ts';
import { printRecording, receiptLines } from '../recording-output.ts';
import { chooseTemplate } from '../template-choice.ts';
import { transcribeFile } from '../transcribe-file.ts';
import { uploadFile } from '../upload/upload-file.ts';

export const definition = define({
  name: 'transcribe',
  summary: 'Transcribe audio or video files; they become recordings',
  group: 'Record',
  details:
    'Files are read on this machine, by ffmpeg, and their sound is sent. --upload sends them as they are, in parts, and ' +
    'the server reads them: less to send, and what was broken off goes on where it was when the command is run again. ' +
    'Where ffmpeg is missing and the server is elsewhere that is done by itself.',
  arguments: [{ name: 'file', repeat: true, summary: 'Files in any format ffmpeg reads; - is stdin' }],
  options: [
    { name: 'language', value: 'CODE', summary: 'Spoken language, ISO 639-1' },
    { name: 'model', value: 'ID', summary: 'Recognizer model; see `speakr models list`' },
    { name: 'title', value: 'TEXT', summary: 'Title; made from the content when none is given' },
    { name: 'tag', value: 'TAG', repeat: true, summary: 'Tag; may be repeated' },
    { name: 'template', value: 'NAME', summary: 'Notes template, or the path of a template file' },
    { name: 'jobs', value: 'N', number: true, summary: 'Files at the same time (2)' },
    { name: 'upload', summary: 'Send files as they are, in parts that can be resumed' },
    outputOption,
    jsonOption,
  ],
  examples: [
    'speakr transcribe talk.m4a',
    'speakr transcribe *.mp3 --json > talks.jsonl',
    'speakr transcribe conference.mp4 --upload --server https://speakr.example.org',
    'ffmpeg -i film.mkv -f wav - | speakr transcribe - -o srt > film.srt',
  ],
});

const MAX_JOBS = 8;

export async function run(options: OptionsOf<typeof definition>, context: Context): Promise<ExitCode> {
  const { output, clock } = context;
  const startedAt = clock.monotonic();
  const { values } = context.config();
  const jobs = Math.min(MAX_JOBS, Math.max(1, options.jobs ?? 2));
  const template = await chooseTemplate(options.template ?? values.template, context.io.cwd);
  const vocabulary = await projectTerms(context.io.cwd);
  const model = options.model ?? values.model;
  const language = options.language ?? values.language;
  const sendsFiles = options.upload || (values.server !== undefined && !hasFfmpeg(context));
  if (!sendsFiles) context.ffmpeg();
  else if (options.file.includes('-'))
    throw new SpeakrError('usage', 'Only files are sent as they are, not stdin.', {
      hint: 'Name a file, or leave --upload out; reading stdin needs ffmpeg.',
    });
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) context.io.signals.once(signal, interrupt);

  const progress = new Map<string, number>();
  const showProgress = () => {
    if (options.json && !output.talkTty) return;
    const parts = [...progress].map(([file, fraction]) => `${bar(fraction, 12)} ${file}`);
    output.progress(parts.join('  '));
  };
  const transcribe = (file: string) => {
    const wishes = {
      context,
      language,
      ...template,
      ...vocabulary,
      ...(model === undefined ? {} : { model }),
      ...(options.title === undefined ? {} : { title: options.title }),
      tags: options.tag ?? [],
      signal: abort.signal,
      startedAt,
      onProgress: (fraction: number) => {
        progress.set(file, fraction);
        showProgress();
      },
    };
    if (!sendsFiles) return transcribeFile(file, wishes);
    const onTrouble = ({ message }: SpeakrError) =>
      output.talk(`${file}: ${message} It goes on when the server answers.`);
    return uploadFile(file, { ...wishes, onTrouble });
  };

  let exitCode: ExitCode = 0;
  const fail = (file: string, error: unknown) => {
    if (!(error instanceof SpeakrError)) throw error;
    if (options.json) output.json({ file, error: errorJson(error) } satisfies TranscribeFailure);
    else output.talk(options.file.length === 1 ? errorLine(error) : `${file}: ${errorLine(error)}`);
    // Of many files the others go on; the code of a single one says what is wrong with it.
    exitCode = options.file.length === 1 ? error.definition.exitCode : 1;
  };
  const print = async (result: TranscribeResult) => {
    if (options.json) return output.json(result);
    if (options.file.length > 1 && options.output !== 'id') output.line(`==> ${result.file} <==`);
    if (options.output === undefined || options.output === 'text') {
      if (result.text === '') output.talk(`${result.file}: nothing was said.`);
      else output.line(result.segments.map((segment) => segment.text).join('\n'));
    } else
      await printRecording({ id: result.recordingId }, options.output, {
        api: await context.api('read'),
        output,
      });
    for (const line of receiptLines(result.receipt)) output.talk(`${result.file}: ${line}`);
  };

  try {
    const attempts = inOrder(options.file, jobs, async (file) => {
      try {
        return await transcribe(file);
      } catch (error) {
        // Offered once, for the first file that meets it.
        if (file === '-' || !(await pullMissing(error, context))) throw error;
        return await transcribe(file);
      } finally {
        progress.delete(file);
        showProgress();
      }
    });
    for await (const { item, outcome } of attempts) {
      if (abort.signal.aborted)
        throw new SpeakrError('interrupted', 'Interrupted.', {
          hint: sendsFiles ? 'Run it again: it goes on where it was.' : 'Run it again.',
        });
      if ('error' in outcome) fail(item, outcome.error);
      else {
        await print(outcome.value);
        if (outcome.value.receipt.gaps.length > 0 && exitCode === 0) exitCode = 3;
      }
    }
  } finally {
    output.progress('');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      context.io.signals.removeListener(signal, interrupt);
  }
  return exitCode;
}

function hasFfmpeg(context: Pick<Context, 'ffmpeg'>): boolean {
  try {
    return context.ffmpeg() !== '';
  } catch {
    return false;
  }
}

type Outcome<R> = { readonly value: R } | { readonly error: unknown };

/** Works on several items at a time and gives the outcomes in the order of the items. */
async function* inOrder<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<{ item: T; outcome: Outcome<R> }> {
  const slots = items.map(() => Promise.withResolvers<Outcome<R>>());
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const outcome = await work(items[index] as T).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      slots[index]?.resolve(outcome);
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  for (const [index, slot] of slots.entries()) yield { item: items[index] as T, outcome: await slot.promise };
  await Promise.all(workers);
}
