import type { RecordEvent } from '@speakr/contracts/cli-json';
import type { ExitCode } from '@speakr/contracts/problem';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { copyNotes } from '../copy-notes.ts';
import { define, jsonOption, type OptionsOf, outputOption } from '../definition.ts';
import type { Api } from '../embedded.ts';
import { offerRecovery } from '../offer-recovery.ts';
import { errorLine } from '../output.ts';
import { projectTerms } from '../project-vocabulary.ts';
import { pullMissing } from '../pull-missing.ts';
import { openRecordView, type RecordView } from '../record-view.ts';
import { recordWishes } from '../record-wishes.ts';
import { finishSpool } from '../recorder/finish-spool.ts';
import { mentionSpools } from '../recorder/mention-spools.ts';
import { type RecordingOutcome, type RunningRecording, startRecording } from '../recorder/recording.ts';
import { openSource } from '../recorder/source.ts';
import { printRecording, receiptLines, receiptSummary, withLineEnd } from '../recording-output.ts';
import { stopSignals } from '../stop-signals.ts';
import { chooseTemplate } from '../template-choice.ts';
import { clockTime, shortId } from '../time-format.ts';
import type { ScreenEvent } from '../ui/screen-state.ts';
import { welcome } from '../welcome.ts';

export const definition = define({
  name: 'record',
  summary: 'Record, with captions while you speak and notes on the clipboard at the end',
  details:
    'Enter or Ctrl-C stops; Ctrl-C twice leaves at once and keeps the audio for `speakr recover`; Esc discards after asking; ? shows all keys. docs/recording.md has the rest.',
  group: 'Record',
  options: [
    { name: 'input', short: 'i', value: 'FILE', summary: 'Take the audio from a file instead; - is stdin' },
    {
      name: 'pace',
      value: 'PACE',
      choices: ['real', 'fast'],
      summary: 'With --input: as fast as it is heard (real, the default), or as fast as it can be read',
    },
    {
      name: 'device',
      value: 'NAME',
      summary:
        'Microphone: number or name of `speakr devices`; pulse:NAME or alsa:NAME chooses the sound system, too',
    },
    { name: 'system', summary: 'Record what the computer plays, too, as a second track' },
    { name: 'language', value: 'CODE', summary: 'Spoken language, ISO 639-1' },
    { name: 'model', value: 'ID', summary: 'Recognizer model; see `speakr models list`' },
    { name: 'template', value: 'NAME', summary: 'Notes template, or the path of a template file' },
    { name: 'title', value: 'TEXT', summary: 'Title; made from the content when none is given' },
    { name: 'tag', value: 'TAG', repeat: true, summary: 'Tag; may be repeated' },
    { name: 'plain', summary: 'One line for each finished sentence instead of the live screen' },
    { name: 'no-clipboard', summary: 'Leave the clipboard alone' },
    outputOption,
    jsonOption,
  ],
  examples: [
    'speakr',
    'speakr record --tag standup',
    'speakr record --system --title "Call with Tom"',
    'speakr record --input talk.m4a --pace fast -o md',
  ],
});

type Options = OptionsOf<typeof definition>;

export async function run(options: Options, context: Context): Promise<ExitCode> {
  const { output, io, clock } = context;
  const { values } = context.config();
  const template = await chooseTemplate(options.template ?? values.template, io.cwd);
  const vocabulary = await projectTerms(io.cwd);
  const model = options.model ?? values.model;
  const { input, pace, device, system } = options;
  await welcome(context);
  const { notice, ...source } = await openSource({ input, pace, device, system }, context);

  let recording: RunningRecording | undefined;
  let stoppedAt: number | undefined;
  const stop = () => {
    stoppedAt ??= clock.monotonic();
    recording?.stop();
  };
  const leave = async () => {
    await Promise.race([recording?.abandon(), new Promise((resolve) => setTimeout(resolve, 2000))]);
    await view?.close();
    output.talk(`speakr: left at once. The audio is kept; \`speakr recover\` finishes it.`);
    await output.flush();
    io.exit(130);
  };
  const signals = stopSignals(io, { stop, leave: () => void leave() });
  // Capture does not wait for the screen: what happens until it is there is shown then.
  let view: RecordView | undefined;
  const early: ScreenEvent[] = [];
  const show = (event: ScreenEvent) => (view === undefined ? early.push(event) : view.show(event));
  if (notice !== undefined) show({ type: 'notice', text: notice });
  const wishes = recordWishes({ context, recording: () => recording, show: (event) => show(event) });
  const opening = openRecordView({
    options,
    tracks: source.inputs.map(({ label }) => label),
    context,
    onWish(wish) {
      if (wish.type === 'stop') stop();
      else if (wish.type === 'interrupt') signals.interrupt();
      else wishes.fulfil(wish);
    },
  });

  try {
    const backend = await context.backend();
    recording = startRecording({
      ...source,
      language: options.language ?? values.language,
      ...(model === undefined ? {} : { model }),
      ...template,
      ...vocabulary,
      ...(options.title === undefined ? {} : { title: options.title }),
      tags: options.tag ?? [],
      ...(values.server === undefined ? {} : { server: values.server }),
      spool: backend.spool,
      startUpload: backend.startLiveUpload,
      clock,
      onEvent: (event) => {
        if (event.type === 'phase' && event.phase === 'finishing') stoppedAt ??= clock.monotonic();
        show(event);
      },
    });
    // Awaited below, after the view; a failure in between is not unhandled.
    recording.done.catch(() => undefined);
    await mentionSpools(context);
    view = await opening;
    for (const event of early) view.show(event);
    const outcome = await recording.done;
    await view.close();
    await wishes.settle();
    const exitCode = await conclude(outcome, {
      recording,
      stoppedAt: stoppedAt ?? clock.monotonic(),
      options,
      context,
    });
    // What this run could not finish either has been told already.
    if (!options.json && outcome.ending === 'finished') await offerRecovery(context);
    return exitCode;
  } finally {
    signals.close();
    await (await opening).close();
  }
}

interface Ending {
  readonly recording: RunningRecording;
  readonly stoppedAt: number;
  readonly options: Options;
  readonly context: Context;
}

async function conclude(outcome: RecordingOutcome, ending: Ending): Promise<ExitCode> {
  const { recording, options, context } = ending;
  const { output } = context;
  if (outcome.ending === 'discarded') {
    const name = shortId(recording.id);
    output.talk(`Discarded. \`speakr recover --undo ${name}\` takes it back for 7 days.`);
    return 0;
  }
  if (outcome.ending === 'finished') return finished(outcome, ending);

  const { why } = outcome;
  if (!options.json && (await pullMissing(why, context))) {
    const backend = await context.backend();
    const { spool, startLiveUpload: startUpload } = backend;
    return finished(
      { ending: 'finished', ...(await finishSpool(recording.id, { spool, startUpload })) },
      ending,
    );
  }
  const { lostMs } = outcome;
  const what =
    lostMs === 0
      ? 'The audio is kept on this machine.'
      : `${(lostMs / 1000).toFixed(1)} s of audio could neither be sent nor written to the disk, and is lost.`;
  const kept = new SpeakrError(why.code, `${why.message} ${what}`, {
    hint: `${why.hint} Then run \`speakr recover\`.`,
    cause: why,
  });
  if (options.json)
    output.json({ type: 'error', atMs: recording.atMs(), problem: kept.toProblem() } satisfies RecordEvent);
  output.talk(errorLine(kept));
  return why.definition.exitCode;
}

/** Of the server that has finished the recording. */
async function apiOf({ owedTo }: { owedTo?: string }, context: Context): Promise<Api> {
  const { elsewhere } = await context.backend();
  return owedTo === undefined || elsewhere === undefined ? context.api('read') : elsewhere.local();
}

async function finished(
  outcome: Extract<RecordingOutcome, { ending: 'finished' }>,
  { recording, stoppedAt, options, context }: Ending,
): Promise<ExitCode> {
  const { output, clock, config } = context;
  const { receipt, notes, problem, owedTo } = outcome;
  if (notes !== undefined && options.clipboard && config().values.clipboard) {
    const { how } = await copyNotes(notes.markdown, context);
    if (how === 'none' && options.json) output.talk('They are in the `notes` event.');
  }
  const stopToNotesMs = Math.max(0, Math.round(clock.monotonic() - stoppedAt));
  if (options.json)
    output.json({
      type: 'finished',
      recordingId: recording.id,
      receipt,
      atMs: recording.atMs(),
      stopToNotesMs,
    } satisfies RecordEvent);
  else if (options.output !== undefined)
    await printRecording({ id: recording.id }, options.output, {
      api: await apiOf(outcome, context),
      output,
    });
  else if (notes !== undefined) output.write(`\n${withLineEnd(notes.markdown)}`);

  output.talk(
    `Recorded ${clockTime(receipt.capturedMs)} as ${shortId(recording.id)}; see \`speakr show ${shortId(recording.id)}\`.`,
  );
  output.talk(receiptSummary(receipt));
  for (const line of receiptLines(receipt)) output.talk(line);
  if (owedTo !== undefined)
    output.talk(`${owedTo} was away; \`speakr recover\` brings the recording there when it is back.`);
  if (problem !== undefined) {
    output.talk(errorLine(problem));
    return problem.definition.exitCode === 1 && receipt.gaps.length > 0 ? 3 : problem.definition.exitCode;
  }
  return receipt.gaps.length > 0 ? 3 : 0;
}
