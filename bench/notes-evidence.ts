/**
 * How well `checkClaims` tells statements that the transcript bears from planted lies: invented owners, dates, numbers,
 * negations, inventions. Prints which were judged wrongly, and the figures for other thresholds.
 *
 *     node bench/notes-evidence.ts
 */
import { readFileSync } from 'node:fs';
import { createMiniLm, MINILM_MODEL } from '../server/embedder/minilm.ts';
import { createModels } from '../server/models/models.ts';
import { checkClaims, leastSupport, type Verdict } from '../server/notes/evidence-check.ts';
import { languageOf } from '../server/notes/languages/languages.ts';
import { findPeople } from '../server/notes/people.ts';
import { toSentences } from '../server/notes/sentences.ts';
import { defaultModelsDir } from './models-dir.ts';
import { readMeeting, textTranscript } from './notes-meetings.ts';

interface Statement {
  readonly meeting: string;
  /** Beginnings of the utterances it cites. */
  readonly cite: readonly string[];
  readonly text: string;
  readonly kind: 'truth' | 'number' | 'date' | 'name' | 'negation' | 'meaning';
  readonly who?: string;
}

const statements = JSON.parse(
  readFileSync(new URL('notes-evidence.json', import.meta.url), 'utf8'),
) as Statement[];
const models = createModels({ modelsDir: defaultModelsDir() });
const embedder = createMiniLm({ modelFiles: () => models.require(MINILM_MODEL) });
const language = languageOf('en');
const judged: { statement: Statement; verdict: Verdict; wordsOnly: Verdict }[] = [];

for (const id of new Set(statements.map(({ meeting }) => meeting))) {
  const meeting = readMeeting(id);
  const transcript = textTranscript(meeting);
  const people = findPeople(toSentences(transcript, language), language);
  const own = statements.filter((statement) => statement.meeting === id);
  const claims = own.map(({ cite, text, who }) => ({
    text,
    segments: cite.map((start) => {
      const segment = transcript.segments.find((candidate) => candidate.text.startsWith(start));
      if (!segment) throw new Error(`${id} has no utterance that begins with "${start}"`);
      return segment;
    }),
    ...(who === undefined ? {} : { who }),
  }));
  const options = { transcript, language, people, startedAt: Date.parse(meeting.startedAt) };
  const verdicts = await checkClaims(claims, { ...options, embed: (texts) => embedder.embed(texts) });
  const wordsOnly = await checkClaims(claims, options);
  own.forEach((statement, index) => {
    judged.push({ statement, verdict: verdicts[index]!, wordsOnly: wordsOnly[index]! });
  });
}
await embedder.close();

const truths = judged.filter(({ statement }) => statement.kind === 'truth');
const lies = judged.filter(({ statement }) => statement.kind !== 'truth');
for (const { statement, verdict } of judged) {
  const kept = verdict.fault === undefined;
  if (kept === (statement.kind === 'truth')) continue;
  const support = verdict.support?.toFixed(2) ?? '-';
  console.log(
    `${kept ? 'lie kept' : 'truth dropped'} (${statement.kind}; ${verdict.fault ?? 'borne'}, ${support}): ${statement.text}`,
  );
}
console.log('\nthreshold  truths kept  lies dropped');
for (let threshold = 0.5; threshold < 1.01; threshold += 0.05) {
  const kept = ({ verdict }: (typeof judged)[number]) =>
    verdict.support !== undefined && verdict.support >= threshold;
  const mark = Math.abs(threshold - leastSupport) < 0.001 ? '  <- in use' : '';
  const figures = [
    truths.filter(kept).length / truths.length,
    lies.filter((lie) => !kept(lie)).length / lies.length,
  ];
  console.log(
    `${threshold.toFixed(2)}       ${figures.map((figure) => figure.toFixed(3).padEnd(11)).join('  ')}${mark}`,
  );
}
const keptByWords = truths.filter(({ wordsOnly }) => wordsOnly.fault === undefined).length / truths.length;
const droppedByWords = lies.filter(({ wordsOnly }) => wordsOnly.fault !== undefined).length / lies.length;
console.log(`words only ${keptByWords.toFixed(3).padEnd(11)}  ${droppedByWords.toFixed(3)}`);
console.log(`${truths.length} truths, ${lies.length} lies`);
