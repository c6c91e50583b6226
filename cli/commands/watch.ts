import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TranscribeFailure } from '@speakr/contracts/cli-json';
import { type ExitCode, SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { openLedger } from '../intake/ledger.ts';
import { type FileState, listMediaFiles, settling } from '../intake/media-files.ts';
import { type TakenIn, takeIn } from '../intake/take-in.ts';
import { errorJson, errorLine } from '../output.ts';
import { projectTerms } from '../project-vocabulary.ts';
import { pullMissing } from '../pull-missing.ts';
import { bar } from '../pull-model.ts';
import { receiptLines } from '../recording-output.ts';
import { chooseTemplate } from '../template-choice.ts';
import { clockTime, shortId } from '../time-format.ts';
import { transcribeFile } from '../transcribe-file.ts';

export const definition = define({
  name: 'watch',
  summary: 'Transcribe what lands in a folder, each file once',
  details:
    'A file is taken when it has not changed for a while, so that what is still being written or copied waits. Its content is what counts: a copy, another name or a restart does not make it new, and one whose recording you deleted does not come back; `speakr transcribe` takes it all the same. Ctrl-C ends it; the file at hand is finished by the next run.',
  group: 'Record',
  arguments: [{ name: 'folder', summary: 'Folder; those in it count, too' }],
  options: [
    { name: 'once', summary: 'Take what is there and end' },
    { name: 'settle', value: 'SECONDS', number: true, summary: 'How long a file must not have changed (3)' },
    { name: 'language', value: 'CODE', summary: 'Spoken language, ISO 639-1' },
    { name: 'model', value: 'ID', summary: 'Recognizer model; see `speakr models list`' },
    { name: 'tag', value: 'TAG', repeat: true, summary: 'Tag; may be repeated' },
    { name: 'template', value: 'NAME', summary: 'Notes template, or the path of a template file' },
    jsonOption,
  ],
  examples: ['speakr watch ~/Recordings --tag phone', 'speakr watch inbox --once --json'],
});

type Options = OptionsOf<typeof definition>;

const LOOK_MS = 1000;
/** A server that does not answer is tried again after this, ms. */
const RETRY_MS = 15_000;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export async function run(options: Options, context: Context): Promise<ExitCode> {
  const { output, io, clock } = context;
  const folder = resolve(io.cwd, options.folder);
  await demandFolder(folder, options.folder);
  const { values, paths } = context.config();
  const make = await transcriber(options, context);
  const ledger = await openLedger(paths.dataDir, values.server);
  const ending = new AbortController();
  const end = () => ending.abort();
  for (const signal of signals) io.signals.once(signal, end);
  const settled = settling((options.settle ?? 3) * 1000);
  /** Files that were looked at, as they were then. */
  const handled = new Map<string, string>();
  let exitCode: ExitCode = 0;

  const handle = async (file: FileState): Promise<'handled' | 'later'> => {
    const name = relative(folder, file.path);
    try {
      const taken = await takeIn(file.path, {
        ledger,
        context,
        make: (recordingId) => make(file.path, name, recordingId, ending.signal),
      });
      report(name, taken, options, context);
      if (taken.state === 'new' && taken.result.receipt.gaps.length > 0 && exitCode === 0) exitCode = 3;
      return 'handled';
    } catch (error) {
      if (ending.signal.aborted) return 'later';
      if (!(error instanceof SpeakrError)) {
        // The file went away while it was read.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'later';
        throw error;
      }
      if (await pullMissing(error, context)) return 'later';
      if (error.code === 'model_missing' || error.code === 'model_invalid' || error.code === 'model_unknown')
        throw error;
      if (options.json) output.json({ file: name, error: errorJson(error) } satisfies TranscribeFailure);
      else output.talk(`${name}: ${errorLine(error)}`);
      exitCode = 1;
      return error.definition.retryable && !options.once ? 'later' : 'handled';
    } finally {
      output.progress('');
    }
  };

  if (!options.json) output.talk(`Watching ${options.folder}; Ctrl-C ends it.`);
  try {
    while (!ending.signal.aborted) {
      const files = await listMediaFiles(folder);
      let waiting = false;
      for (const file of settled(files, clock.monotonic())) {
        if (ending.signal.aborted || handled.get(file.path) === keyOf(file)) continue;
        if ((await handle(file)) === 'handled') handled.set(file.path, keyOf(file));
        else waiting = true;
      }
      const open = files.some((file) => file.size > 0 && handled.get(file.path) !== keyOf(file));
      if (options.once && !open) break;
      await sleep(waiting && !options.once ? RETRY_MS : LOOK_MS, undefined, { signal: ending.signal }).catch(
        () => undefined,
      );
    }
  } finally {
    output.progress('');
    for (const signal of signals) io.signals.removeListener(signal, end);
  }
  return ending.signal.aborted && !options.once ? 0 : exitCode;
}

const keyOf = ({ size, mtimeMs }: FileState) => `${size}/${mtimeMs}`;

async function demandFolder(folder: string, name: string): Promise<void> {
  const facts = await stat(folder).catch(() => undefined);
  if (facts === undefined) throw new SpeakrError('file_missing', `${name} does not exist.`);
  if (!facts.isDirectory())
    throw new SpeakrError('usage', `${name} is a file, not a folder.`, {
      hint: `Run \`speakr transcribe ${name}\`.`,
    });
}

/** Everything that is the same for each file is looked up once, before anything is watched. */
async function transcriber(options: Options, context: Context) {
  const { io, output, clock } = context;
  const { values } = context.config();
  const template = await chooseTemplate(options.template ?? values.template, io.cwd);
  const vocabulary = await projectTerms(io.cwd);
  const model = options.model ?? values.model;
  context.ffmpeg();
  return (path: string, name: string, recordingId: string, signal: AbortSignal) =>
    transcribeFile(path, {
      context,
      recordingId,
      language: options.language ?? values.language,
      ...template,
      ...vocabulary,
      ...(model === undefined ? {} : { model }),
      tags: (options.tag ?? []).map((tag) => tag.replace(/^#/, '')),
      signal,
      startedAt: clock.monotonic(),
      onProgress: (fraction) => output.progress(`${bar(fraction, 12)} ${name}`),
    });
}

function report(name: string, taken: TakenIn, { json }: Options, { output }: Pick<Context, 'output'>): void {
  if (taken.state === 'known') {
    if (!json) output.talk(`${name}: was taken in before, as ${shortId(taken.recordingId)}.`);
    return;
  }
  const { result } = taken;
  if (json) output.json({ ...result, file: name });
  else output.line([shortId(result.recordingId), clockTime(result.durationMs), name].join('\t'));
  for (const line of receiptLines(result.receipt)) output.talk(`${name}: ${line}`);
}
