import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { Revision, Transcript } from '@speakr/contracts/transcript';
import { allPages } from '../all-pages.ts';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf, outputOption } from '../definition.ts';
import type { Api } from '../embedded.ts';
import type { Output } from '../output.ts';
import { findTranscript, printRecording, recordingHeader, transcriptLines } from '../recording-output.ts';
import { clockTime, parseClockTime } from '../time-format.ts';
import { type DiffPart, diffTranscripts } from '../transcript-diff.ts';

/** How much is shown before and after the moment of `--at`. */
const AROUND_MS = 30_000;

export const definition = define({
  name: 'show',
  summary: 'Show what was said in a recording',
  details:
    'A transcript has revisions: as heard live, after the second pass, and one for each edit or new transcription.',
  group: 'Find',
  arguments: [{ name: 'recording', summary: 'Id, its last characters, or "last"' }],
  options: [
    { name: 'at', value: 'TIME', summary: 'Only what was said around this time (mm:ss)' },
    { name: 'revision', value: 'N', number: true, summary: 'An earlier revision of the transcript' },
    { name: 'diff', summary: 'What changed since the revision before the newest, or since --revision' },
    outputOption,
    jsonOption,
  ],
  examples: [
    'speakr show last',
    'speakr show 4d1e99 --at 12:34',
    'speakr show last --revision 1',
    'speakr show last --diff',
  ],
});

type Options = OptionsOf<typeof definition>;

export async function run(options: Options, context: Pick<Context, 'api' | 'output'>): Promise<void> {
  const { output } = context;
  const at = options.at === undefined ? undefined : parseClockTime(options.at);
  const near = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
    at === undefined || (endMs >= at - AROUND_MS && startMs <= at + AROUND_MS);
  const api = await context.api('read');
  const recording = await api.getRecording({ params: { recording: options.recording } });
  if (options.diff) return showDiff(recording, options, near, { api, output });
  if (options.output !== undefined) return printRecording(recording, options.output, { api, output });
  let transcript = await findTranscript(api, recording.id, options.revision);
  if (transcript !== undefined) transcript = { ...transcript, segments: transcript.segments.filter(near) };
  if (options.json) {
    const revisions = await revisionsOf(api, recording.id);
    return output.json({ recording, revisions, ...(transcript === undefined ? {} : { transcript }) });
  }
  for (const line of recordingHeader(recording, output)) output.line(line);
  output.line();
  const lines = transcript === undefined ? [] : transcriptLines(transcript, output);
  if (lines.length === 0)
    output.talk(at === undefined ? 'Nothing was said.' : 'Nothing was said around that time.');
  for (const line of lines) output.line(line);
}

async function showDiff(
  recording: Recording,
  { revision, json }: Pick<Options, 'revision' | 'json'>,
  near: (block: { startMs: number; endMs: number }) => boolean,
  { api, output }: { api: Api; output: Output },
): Promise<void> {
  const params = { recording: recording.id };
  const revisions = await revisionsOf(api, params.recording);
  const after = await findTranscript(api, recording.id);
  const earlier = revisions.filter((each) => each.revision < (after?.revision ?? 0)).at(-1);
  const base = revision ?? earlier?.revision;
  if (after === undefined || base === undefined)
    throw new SpeakrError('not_found', 'There is only one revision of this recording.');
  const before = await api.getTranscript({ params, query: { revision: base } });
  const { blocks, ...words } = diffTranscripts(before, after);
  const changed = blocks.filter((block) => isChanged(block) && near(block));
  if (json) return output.json({ recording, from: facts(before), to: facts(after), words, changes: changed });
  for (const { startMs, parts } of changed)
    output.line(
      `${output.style('dim', `[${clockTime(startMs)}]`)} ${parts.map((part) => marked(part, output)).join(' ')}`,
    );
  output.talk(
    `From revision ${name(before)} to ${name(after)}: ${words.removed} words removed, ${words.added} added, ${words.same} the same.`,
  );
}

const isChanged = ({ parts }: { parts: readonly DiffPart[] }) => parts.some(({ kind }) => kind !== 'same');
const facts = ({ segments: _, ...revision }: Transcript): Revision => revision;
const name = ({ revision, origin }: Revision) => `${revision} (${origin.replace('-', ' ')})`;

/** Colours where there are any, else the marks of `wdiff`. */
function marked({ kind, text }: DiffPart, { style }: Pick<Output, 'style'>): string {
  if (kind === 'same') return text;
  const plain = kind === 'removed' ? `[-${text}-]` : `{+${text}+}`;
  const coloured = style(kind === 'removed' ? 'red' : 'green', text);
  return coloured === text ? plain : coloured;
}

const revisionsOf = (api: Api, recording: string) =>
  allPages(
    (query) => api.listRevisions({ params: { recording }, query }),
    (page) => page.revisions,
  );
