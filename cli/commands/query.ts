import { SpeakrError } from '@speakr/contracts/problem';
import type { QueryResponse } from '@speakr/contracts/search';
import type { Context } from '../context.ts';
import { define, jsonOption, type OptionsOf } from '../definition.ts';
import type { Output } from '../output.ts';
import { clockTime, parseMoment, shortId } from '../time-format.ts';

export const definition = define({
  name: 'query',
  summary: 'Answer a question from everything recorded, with citations',
  group: 'Find',
  arguments: [{ name: 'question', repeat: true, summary: 'The question; quotes are not needed' }],
  options: [
    {
      name: 'tags',
      value: 'TAG',
      repeat: true,
      summary: 'Only recordings with this tag; commas or repeated',
    },
    { name: 'since', value: 'WHEN', summary: 'Only recordings since: 2026-11-21, or an age such as 7d' },
    { name: 'until', value: 'WHEN', summary: 'Only recordings before' },
    { name: 'recording', value: 'ID', summary: 'Only this recording' },
    { name: 'live', summary: 'Search what is being recorded right now, too, up to its last sentence' },
    { name: 'limit', value: 'N', number: true, summary: 'How many passages at the most (5)' },
    jsonOption,
  ],
  examples: [
    'speakr query "when do we launch?"',
    'speakr query pricing --tags customer --since 30d',
    'speakr query --live what did Alex just say about pricing',
  ],
});

export async function run(
  options: OptionsOf<typeof definition>,
  context: Pick<Context, 'api' | 'output' | 'clock'>,
): Promise<void> {
  const { output, clock } = context;
  const question = options.question.join(' ').trim();
  if (question === '') throw new SpeakrError('usage', 'The question is empty.', { hint: 'Ask something.' });
  if (question.length > 2000)
    throw new SpeakrError('usage', `The question has ${question.length} characters; 2000 are the most.`, {
      hint: 'Ask a shorter one.',
    });
  const since = options.since === undefined ? undefined : parseMoment(options.since, clock.now());
  const until = options.until === undefined ? undefined : parseMoment(options.until, clock.now());
  const tags = options.tags
    ?.flatMap((list) => list.split(','))
    .map((tag) => tag.replace(/^#/, '').trim())
    .filter((tag) => tag !== '');
  const limit = options.limit ?? 5;
  if (limit < 1 || limit > 50) throw new SpeakrError('usage', '--limit must be between 1 and 50.');
  const api = await context.api('search');
  const recordingId =
    options.recording === undefined
      ? undefined
      : (await api.getRecording({ params: { recording: options.recording } })).id;
  const response = await api.query({
    body: {
      question,
      limit,
      live: options.live === true,
      ...(tags === undefined ? {} : { tags }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(recordingId === undefined ? {} : { recordingId }),
    },
  });
  if (options.json) output.json(jsonForm(response));
  else print(response, output);
}

/** The JSON form gives a written answer as text with the citations behind each sentence. */
function jsonForm({ question, answer, hits, timings }: QueryResponse): object {
  return {
    question,
    ...(answer === undefined || answer.length === 0 ? {} : { answer: answerText(answer) }),
    hits,
    timings,
  };
}

const answerText = (answer: NonNullable<QueryResponse['answer']>) =>
  answer.map(({ text, hits }) => `${text} ${hits.map((hit) => `[${hit + 1}]`).join('')}`).join(' ');

function print({ answer, hits }: QueryResponse, output: Output): void {
  if (hits.length === 0) {
    output.talk('Nothing recorded fits.');
    return;
  }
  if (answer !== undefined && answer.length > 0) output.line(`${answerText(answer)}\n`);
  hits.forEach((hit, index) => {
    const time = clockTime(hit.startMs);
    const facts = [hit.title, time, ...(hit.speaker === undefined ? [] : [hit.speaker])];
    if (hit.running) facts.push('recording now');
    const next = `speakr ${hit.running ? 'play' : 'show'} ${shortId(hit.recordingId)} --at ${time}`;
    output.line(`${output.style('dim', `[${index + 1}]`)} ${hit.text}`);
    output.line(`    ${output.style('bold', facts.join(', '))}  ${output.style('dim', next)}`);
  });
}
