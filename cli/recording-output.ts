import type { ExportFormat } from '@speakr/contracts/api';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Receipt, Recording } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import type { OutputFormat } from './definition.ts';
import type { Api } from './embedded.ts';
import type { Output } from './output.ts';
import { clockTime, dateTime, shortId } from './time-format.ts';

/** Prints one thing of a recording: the text, a document, or the id. */
export async function printRecording(
  recording: Pick<Recording, 'id'>,
  format: OutputFormat,
  { api, output }: { api: Api; output: Output },
): Promise<void> {
  if (format === 'id') output.line(recording.id);
  else output.write(withLineEnd(await exportText(api, recording.id, format === 'text' ? 'txt' : format)));
}

/** The recording as a document. */
export async function exportText(api: Api, recording: string, format: ExportFormat): Promise<string> {
  const response = await api.exportRecording({ params: { recording }, query: { format } });
  return response.text();
}

export const withLineEnd = (text: string): string =>
  text === '' || text.endsWith('\n') ? text : `${text}\n`;

/** Transcript of a recording; one that nothing has been heard of yet has none. */
export async function findTranscript(
  api: Api,
  recording: string,
  revision?: number,
): Promise<Transcript | undefined> {
  try {
    return await api.getTranscript({
      params: { recording },
      query: revision === undefined ? {} : { revision },
    });
  } catch (error) {
    if (revision === undefined && error instanceof SpeakrError && error.code === 'not_found')
      return undefined;
    throw error;
  }
}

/** Title, date, length, tags and state. */
export function recordingHeader(recording: Recording, output: Pick<Output, 'style'>): string[] {
  const facts = [
    dateTime(recording.startedAt),
    clockTime(recording.durationMs),
    recording.language,
    recording.model,
    ...recording.tags.map((tag) => `#${tag}`),
    ...(recording.state === 'ready' ? [] : [recording.state]),
    ...(recording.failure === undefined ? [] : [recording.failure]),
  ];
  return [
    `${output.style('bold', recording.title)}  ${output.style('dim', shortId(recording.id))}`,
    output.style('dim', facts.join(' · ')),
    ...(recording.state === 'recording' ? [] : [output.style('dim', receiptSummary(recording.receipt))]),
    ...receiptLines(recording.receipt),
  ];
}

/** What became of the audio, on one line. */
export function receiptSummary({
  capturedMs,
  spooledMs,
  acknowledgedMs,
  transcribedMs,
  gaps,
}: Receipt): string {
  // Stages that have everything need no figure of their own; they round differently by a fraction of a second.
  const stages = [
    ['on disk', spooledMs],
    ['at the server', acknowledgedMs],
    ['transcribed', transcribedMs],
  ] as const;
  const short = stages.filter(([, ms]) => ms < capturedMs - 1000);
  const told =
    short.length === 0
      ? 'on disk, at the server and transcribed'
      : short.map(([name, ms]) => `${name} ${clockTime(ms)}`).join(', ');
  const missing = gaps.length === 0 ? 'no gap' : gaps.length === 1 ? '1 gap' : `${gaps.length} gaps`;
  return `Receipt: ${clockTime(capturedMs)} captured, ${told}; ${missing}.`;
}

/** What is worth saying of a receipt: nothing when all is well. */
export function receiptLines({ gaps, echo }: Recording['receipt']): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const missing = gaps.map(
    ({ startMs, durationMs, reason }) =>
      `Not captured: ${seconds(durationMs)} at ${clockTime(startMs)} (${reason.replaceAll('_', ' ')})`,
  );
  if (echo === undefined) return missing;
  const segments = echo.segments === 1 ? '1 segment' : `${echo.segments} segments`;
  return [
    ...missing,
    `Left out of the text: ${segments} (${seconds(echo.durationMs)}) that the microphone heard from the loudspeakers.`,
  ];
}

/** Segments as `[mm:ss] speaker: text`. */
export function transcriptLines(transcript: Transcript, output: Pick<Output, 'style'>): string[] {
  return transcript.segments.map(
    (segment) =>
      `${output.style('dim', `[${clockTime(segment.startMs)}]`)} ${segment.speaker ? `${segment.speaker}: ` : ''}${segment.text}`,
  );
}
