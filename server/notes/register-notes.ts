import type { Notes } from '@speakr/contracts/notes';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import { withSpeakerNames } from '@speakr/contracts/speakers';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { composeNotes } from './compose-notes.ts';
import { readAhead } from './extractive-writer.ts';
import { languageOf } from './languages/languages.ts';
import type { NotesWriter } from './notes-writer.ts';
import { builtInTemplate, type NotesTemplate } from './template.ts';
import { parseTemplate } from './template-parser.ts';
import { forgetTexts } from './text-memory.ts';

export interface NotesDependencies {
  readonly store: Store;
  readonly writer: NotesWriter;
  readonly clock: Clock;
  readonly log: Log;
  /** Writes a segment as the transcript will have it after post-processing. As it was heard when absent. */
  readonly write?: (segment: Segment, language: string) => Segment;
}

export interface WriteNotesRequest {
  /** Name of a built-in template; absent: the one the recording has. */
  readonly template?: string;
  /** Text of a template of the user's own; wins over `template`. */
  readonly templateText?: string;
  readonly signal?: AbortSignal;
}

const keepAliveMs = 5_000;

/** After so many new segments, about two minutes of talk, a running recording is read ahead. */
const readAheadEvery = 40;

/**
 * Writes notes of every transcript that is completed, as the consumer `notes`. Long recordings are read while they run,
 * so that notes are ready a moment after their end.
 */
export function registerNotes({ bus, ...dependencies }: NotesDependencies & { readonly bus: Bus }): void {
  const read = new Map<string, number>();
  /** What others still need stays; nothing of this one outlives the last of them. */
  const forget = (recordingId: string) => {
    read.delete(recordingId);
    if (read.size === 0) forgetTexts();
  };
  bus.observe(
    ['recording.cancelled.v1', 'recording.deleted.v1', 'transcription.failed.v1'],
    ({ data: { recordingId } }) => forget(recordingId),
  );
  bus.observe(['segments.finalized.v1'], ({ owner, data: { recordingId, segments } }) => {
    if (segments - (read.get(recordingId) ?? 0) < readAheadEvery) return;
    read.set(recordingId, segments);
    dependencies.store
      .transaction(owner, (own) => own.getTranscript(recordingId))
      .then((transcript) => transcript && readAhead(writtenOut(transcript, dependencies.write)))
      // Only time is lost: the notes are written from the store all the same.
      .catch((error) =>
        dependencies.log.debug({ recordingId, error: String(error?.code) }, 'not read ahead'),
      );
  });
  bus.consume({
    name: 'notes',
    types: ['transcription.completed.v1'],
    concurrency: 2,
    handle: async ({ message, signal, working }) => {
      const alive = setInterval(working, keepAliveMs);
      try {
        const { recordingId } = message.data;
        const source = await load(dependencies, message.owner, recordingId);
        if (!source || source.recording.cancelledAt !== undefined) return;
        // A redelivery, or an older revision that was overtaken: the notes are there already.
        if (source.notes && source.notes.revision >= heardRevision(source)) return;
        const chosen = templateOrMeeting(source);
        if (chosen.failed) dependencies.log.warn({ recordingId }, 'notes template unusable, meeting used');
        await write(dependencies, message.owner, source, chosen, message.correlationid, signal);
      } finally {
        forget(message.data.recordingId);
        clearInterval(alive);
      }
    },
  });
}

/**
 * Writes the notes of a recording again, with another template for example.
 * @throws SpeakrError `not_found` (no such recording, or nothing transcribed yet), `template_unknown`, `invalid_request`
 * (a template text with a mistake; the detail names the line)
 */
export async function writeNotesNow(
  dependencies: NotesDependencies,
  owner: string,
  recordingId: string,
  request: WriteNotesRequest = {},
): Promise<Notes> {
  const source = await load(dependencies, owner, recordingId);
  if (!source) throw new SpeakrError('not_found', 'There is no transcript of this recording yet.');
  const template =
    request.templateText !== undefined
      ? parseTemplate(request.templateText, request.template ?? 'custom')
      : request.template !== undefined
        ? builtInTemplate(request.template)
        : templateOf(source);
  const notes = await write(
    dependencies,
    owner,
    source,
    { template, failed: false },
    undefined,
    request.signal,
    {
      template: template.name,
      ...(request.templateText === undefined ? {} : { templateText: request.templateText }),
    },
  );
  if (!notes) throw new SpeakrError('not_found', 'The recording was deleted in the meantime.');
  return notes;
}

interface Source {
  readonly recording: Recording;
  readonly transcript: Transcript;
  readonly templateText: string | undefined;
  readonly notes: Notes | undefined;
  readonly keyTerms: readonly string[];
}

interface ChosenTemplate {
  readonly template: NotesTemplate;
  /** The recording's own template could not be used. */
  readonly failed: boolean;
}

/** Post-processing writes the revision before it anew: notes of either are the same. */
const heardRevision = ({ transcript: { origin, revision } }: Source) =>
  origin === 'post-processing' ? revision - 1 : revision;

function writtenOut(transcript: Transcript, write: NotesDependencies['write']): Transcript {
  if (write === undefined) return transcript;
  return { ...transcript, segments: transcript.segments.map((each) => write(each, transcript.language)) };
}

function load(
  { store, write }: Pick<NotesDependencies, 'store' | 'write'>,
  owner: string,
  recordingId: string,
): Promise<Source | undefined> {
  return store.transaction(owner, async (own) => {
    const recording = await own.getRecording(recordingId);
    const found = recording && (await own.getTranscript(recordingId));
    if (!recording || !found) return undefined;
    const transcript = writtenOut(found, write);
    const segments = withSpeakerNames(transcript.segments, recording);
    const templateText = await own.getTemplateText(recordingId);
    const keyTerms = await own.keyTerms(recordingId);
    return {
      recording,
      transcript: { ...transcript, segments },
      templateText,
      notes: await own.getNotes(recordingId),
      keyTerms,
    };
  });
}

function templateOf({ recording, templateText }: Source): NotesTemplate {
  return templateText === undefined
    ? builtInTemplate(recording.template)
    : parseTemplate(templateText, recording.template);
}

/** A recording never stays without notes because of its template. */
function templateOrMeeting(source: Source): ChosenTemplate {
  try {
    return { template: templateOf(source), failed: false };
  } catch (error) {
    if (!(error instanceof SpeakrError)) throw error;
    return { template: builtInTemplate('meeting'), failed: true };
  }
}

async function write(
  { store, writer, clock, log }: NotesDependencies,
  owner: string,
  source: Source,
  { template, failed }: ChosenTemplate,
  correlation: string | undefined,
  signal: AbortSignal | undefined,
  patch: { template?: string; templateText?: string } = {},
): Promise<Notes | undefined> {
  const { recording, transcript, keyTerms } = source;
  const began = clock.monotonic();
  const draft = await writer.write({
    startedAt: recording.startedAt,
    transcript,
    moments: recording.moments,
    keyTerms,
    template,
    ...(signal === undefined ? {} : { signal }),
  });
  const written = await store.transaction(owner, async (own) => {
    // Writing may take long: the recording can be gone or renamed by now.
    const current = await own.getRecording(recording.id);
    if (!current) return undefined;
    const { notes, title, titleSource } = composeNotes({
      recording: current,
      transcript,
      template,
      draft,
      generatedAt: clock.now(),
      remarks: failed ? [languageOf(transcript.language).phrases.templateFailed] : [],
    });
    await own.putNotes(notes);
    const renamed = titleSource === 'user' ? {} : { title, titleSource };
    if (Object.keys({ ...patch, ...renamed }).length > 0) {
      await own.updateRecording(recording.id, { ...patch, ...renamed });
    }
    await own.publish(
      'notes.generated.v1',
      { recordingId: recording.id, revision: transcript.revision },
      correlation,
    );
    return notes;
  });
  if (written) {
    const { fellBack, droppedLines, actions } = written;
    const ms = Math.round(clock.monotonic() - began);
    log.info(
      {
        recordingId: recording.id,
        writer: draft.writer,
        fellBack,
        droppedLines,
        actions: actions.length,
        ms,
      },
      'notes written',
    );
  }
  return written;
}
