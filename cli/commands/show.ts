import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf, outputOption } from '../definition.ts';
import { findTranscript, printRecording, recordingHeader, transcriptLines } from '../recording-output.ts';
import { parseClockTime } from '../time-format.ts';

/** How much is shown before and after the moment of `--at`. */
const AROUND_MS = 30_000;

export const definition = define({
  name: 'show',
  summary: 'Show what was said in a recording',
  group: 'Find',
  arguments: [{ name: 'recording', summary: 'Id, its last characters, or "last"' }],
  options: [
    { name: 'at', value: 'TIME', summary: 'Only what was said around this time (mm:ss)' },
    { name: 'revision', value: 'N', number: true, summary: 'An earlier revision of the transcript' },
    outputOption,
    jsonOption,
  ],
  examples: ['speakr show last', 'speakr show 4d1e99 --at 12:34'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output'>,
): Promise<void> {
  const { output } = context;
  const at = options.at === undefined ? undefined : parseClockTime(options.at);
  const api = await context.api('read');
  const recording = await api.getRecording({ params: { recording: options.recording } });
  if (options.output !== undefined) return printRecording(recording, options.output, { api, output });
  let transcript = await findTranscript(api, recording.id, options.revision);
  if (transcript !== undefined && at !== undefined)
    transcript = {
      ...transcript,
      segments: transcript.segments.filter(
        (segment) => segment.endMs >= at - AROUND_MS && segment.startMs <= at + AROUND_MS,
      ),
    };
  if (options.json) return output.json({ recording, ...(transcript === undefined ? {} : { transcript }) });
  for (const line of recordingHeader(recording, output)) output.line(line);
  output.line();
  const lines = transcript === undefined ? [] : transcriptLines(transcript, output);
  if (lines.length === 0)
    output.talk(at === undefined ? 'Nothing was said.' : 'Nothing was said around that time.');
  for (const line of lines) output.line(line);
}
