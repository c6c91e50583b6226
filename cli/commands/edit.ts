import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Transcript } from '@speakr/contracts/transcript';
import type { Context } from '../context.ts';
import { define, type OptionsOf } from '../definition.ts';
import { clockTime } from '../time-format.ts';

export const definition = define({
  name: 'edit',
  summary: 'Correct a transcript in $EDITOR; makes a new revision',
  details:
    'Each line is one segment. Change the text behind the marker; remove a line to remove the segment.',
  group: 'Change',
  arguments: [{ name: 'recording', summary: 'Id, its last characters, or "last"' }],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output' | 'io'>,
): Promise<void> {
  const { output, io } = context;
  const editor = io.env.VISUAL || io.env.EDITOR || defaultEditor(io);
  const api = await context.api('write');
  const transcript = await api.getTranscript({ params: { recording: options.recording }, query: {} });
  const directory = await mkdtemp(join(tmpdir(), 'speakr-edit-'));
  try {
    const path = join(directory, 'transcript.txt');
    await writeFile(path, editable(transcript), { mode: 0o600 });
    await runEditor(editor, path, io);
    const segments = changes(transcript, await readFile(path, 'utf8'));
    if (segments.length === 0) {
      output.talk('Nothing was changed.');
      return;
    }
    const edited = await api.editTranscript({
      params: { recording: options.recording },
      body: { baseRevision: transcript.revision, segments },
    });
    output.talk(`Saved as revision ${edited.revision}.`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @throws SpeakrError `editor_failed` where there is no terminal that it could use */
function defaultEditor({ platform, stdin, stdout }: Context['io']): string {
  if (platform === 'win32') return 'notepad';
  if (stdin.isTTY === true && stdout.isTTY === true) return 'vi';
  throw new SpeakrError('editor_failed', 'Editing needs a terminal.', {
    hint: 'Run it in one, or set EDITOR to a program that does without.',
  });
}

/** One line a segment: `id mm:ss| text`. */
export function editable(transcript: Pick<Transcript, 'segments'>): string {
  return transcript.segments
    .map(({ id, startMs, text }) => `${id} ${clockTime(startMs)}| ${text.replace(/\s+/g, ' ')}\n`)
    .join('');
}

/**
 * What differs from the transcript in an edited text.
 * @throws SpeakrError `usage` when a line has lost its marker
 */
export function changes(
  transcript: Pick<Transcript, 'segments'>,
  edited: string,
): { id: string; text: string }[] {
  const texts = new Map<string, string>();
  edited.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const match = /^(\S+) [\d:]+\|(.*)$/.exec(line);
    const id = match?.[1];
    if (id === undefined || !transcript.segments.some((segment) => segment.id === id))
      throw new SpeakrError('usage', `Line ${index + 1} has lost its marker.`, {
        hint: 'Keep what stands before the bar; write one line a segment.',
      });
    texts.set(id, [texts.get(id), match?.[2]?.trim()].filter(Boolean).join(' '));
  });
  return transcript.segments
    .map(({ id, text }) => ({ id, text: texts.get(id) ?? '', before: text.replace(/\s+/g, ' ') }))
    .filter(({ text, before }) => text !== before.trim())
    .map(({ id, text }) => ({ id, text }));
}

async function runEditor(editor: string, path: string, io: Context['io']): Promise<void> {
  // Editors are named with their options, as in EDITOR="code --wait".
  const [program = editor, ...words] = editor.split(/\s+/);
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(program, [...words, path], {
      stdio: 'inherit',
      env: io.env as NodeJS.ProcessEnv,
      shell: io.platform === 'win32',
    });
    child.once('error', (cause) =>
      reject(new SpeakrError('editor_failed', `The editor ${program} cannot be started.`, { cause })),
    );
    child.once('close', resolve);
  });
  if (code !== 0) throw new SpeakrError('editor_failed', `The editor ${program} ended with ${code}.`);
}
