import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import { findTranscript, transcriptLines } from '../recording-output.ts';

export const definition = define({
  name: 'retranscribe',
  summary: 'Transcribe a recording again; makes a new revision',
  group: 'Change',
  arguments: [{ name: 'recording', summary: 'Id, its last characters, or "last"' }],
  options: [
    { name: 'model', value: 'ID', summary: 'Recognizer model; see `speakr models list`' },
    { name: 'language', value: 'CODE', summary: 'Spoken language, ISO 639-1' },
    jsonOption,
  ],
  examples: ['speakr retranscribe last --model moonshine-base-en'],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output' | 'clock'>,
): Promise<void> {
  const { output } = context;
  const api = await context.api('write');
  const params = { recording: options.recording };
  const before = await api.getRecording({ params });
  let recording = await api.retranscribeRecording({
    params: { recording: before.id },
    body: {
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.language === undefined ? {} : { language: options.language }),
    },
  });
  output.progress('Transcribing …');
  while (recording.state === 'processing') {
    await sleep(200);
    recording = await api.getRecording({ params: { recording: before.id } });
  }
  output.progress('');
  if (recording.failure !== undefined)
    throw new SpeakrError('recognizer_failed', `Transcribing failed (${recording.failure}).`, {
      hint: 'The audio and the earlier transcript are kept.',
    });
  const transcript = await findTranscript(api, recording.id);
  if (options.json) return output.json({ recording, ...(transcript === undefined ? {} : { transcript }) });
  if (transcript === undefined) return;
  for (const line of transcriptLines(transcript, output)) output.line(line);
  output.talk(`Revision ${transcript.revision}, by ${transcript.model}.`);
}
