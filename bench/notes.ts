/**
 * How well the extractive notes find action items and decisions: precision and recall over scripted meetings
 * (bench/meetings), half of them spoken by flite and read by the recognizer, half as text. notes-score.ts says what
 * counts as found. Held-out meetings were written last and never tuned on; their figures stand apart.
 *
 *     node bench/notes.ts [--faults] [meeting …]
 *
 * Needs flite, ffmpeg and the models. Exits 1 when a figure is under 0.8.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transcript } from '@speakr/contracts/transcript';
import { writeExtractive } from '../server/notes/extractive-writer.ts';
import { builtInTemplate } from '../server/notes/template.ts';
import { decodeAudio } from './clips.ts';
import { type Engines, openEngines, transcribePcm } from './engines.ts';
import { listMeetings, readMeeting, textTranscript } from './notes-meetings.ts';
import {
  addCounts,
  type Count,
  type Meeting,
  precision,
  recall,
  type Score,
  scoreNotes,
} from './notes-score.ts';

const target = 0.8;
/** flite speaks hastily; people in meetings do not. */
const stretch = 1.15;
const pauseBytes = 16_000 * 2 * 0.7;

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const showFaults = process.argv.includes('--faults');
const meetings = (asked.length > 0 ? asked : listMeetings()).map(readMeeting);

const engines = meetings.some(({ kind }) => kind === 'spoken') ? await openEngines() : undefined;
const scores: { meeting: Meeting; score: Score; ms: number }[] = [];
for (const meeting of meetings) {
  const transcript =
    meeting.kind === 'spoken' ? await spokenTranscript(meeting, engines!) : textTranscript(meeting);
  const began = performance.now();
  const notes = writeExtractive({
    startedAt: Date.parse(meeting.startedAt),
    transcript,
    moments: [],
    template: builtInTemplate('meeting'),
  });
  const ms = performance.now() - began;
  const actions = notes.actions.map((action, index) => ({ ...action, id: `${index}`, done: false }));
  scores.push({ meeting, score: scoreNotes(meeting, { actions, sections: [...notes.sections] }), ms });
}
await engines?.close();

const figure = (count: Count) => `${precision(count).toFixed(2)} / ${recall(count).toFixed(2)}`.padEnd(13);
console.log('precision / recall         actions        owner          date           decisions');
for (const { meeting, score } of scores) {
  const name = `${meeting.id}${meeting.heldOut ? ' *' : ''} (${meeting.kind})`.padEnd(27);
  console.log(`${name}${[score.actions, score.owners, score.dates, score.decisions].map(figure).join('  ')}`);
  if (showFaults) for (const fault of score.faults) console.log(`    ${fault}`);
}
let missed = false;
const report = (name: string, group: readonly Score[]) => {
  if (group.length === 0) return;
  const totals = (['actions', 'owners', 'dates', 'decisions'] as const).map((part) =>
    addCounts(group.map((score) => score[part])),
  );
  console.log(`${name.padEnd(27)}${totals.map(figure).join('  ')}`);
  missed ||= totals.some((count) => precision(count) < target || recall(count) < target);
};
report(
  'all',
  scores.map(({ score }) => score),
);
report(
  'spoken',
  scores.filter(({ meeting }) => meeting.kind === 'spoken').map(({ score }) => score),
);
report(
  'text',
  scores.filter(({ meeting }) => meeting.kind === 'text').map(({ score }) => score),
);
report(
  'held out (*)',
  scores.filter(({ meeting }) => meeting.heldOut).map(({ score }) => score),
);
console.log(`target ${target.toFixed(2)} for each; an action counts when task, owner and date fit`);
if (missed) process.exitCode = 1;

/** Speaks the meeting and lets the recognizer read it. */
async function spokenTranscript(
  meeting: Meeting,
  { recognizer, voiceActivity }: Engines,
): Promise<Transcript> {
  const folder = mkdtempSync(join(tmpdir(), 'speakr-notes-'));
  async function* audio(): AsyncGenerator<Uint8Array> {
    for (const { voice, text } of meeting.utterances) {
      const file = join(folder, 'utterance.wav');
      execFileSync('flite', [
        '-voice',
        voice,
        '--setf',
        `duration_stretch=${stretch}`,
        '-t',
        text,
        '-o',
        file,
      ]);
      yield* decodeAudio(['-i', file]);
      yield new Uint8Array(pauseBytes);
    }
  }
  try {
    const results = await transcribePcm({ recognizer, voiceActivity }, audio());
    const segments = results
      .flatMap(({ sentences }) => sentences)
      .map((sentence, index) => ({ ...sentence, id: `1.0.${index}`, track: 0 }));
    return { ...textTranscript(meeting), model: 'moonshine-tiny-en', segments };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
