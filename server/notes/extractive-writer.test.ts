import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInTemplates } from '@speakr/contracts/note-templates';
import type { Moment } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import { composeNotes } from './compose-notes.ts';
import { writeExtractive } from './extractive-writer.ts';
import { monday, spoken } from './fixtures/spoken.ts';
import { languages } from './languages/languages.ts';
import { builtInTemplate, type NotesTemplate } from './template.ts';

function write(
  lines: readonly string[] | Transcript,
  options: { template?: string | NotesTemplate; language?: string; moments?: Moment[] } = {},
) {
  const transcript = 'segments' in lines ? lines : spoken(lines, options.language);
  const template =
    typeof options.template === 'object' ? options.template : builtInTemplate(options.template ?? 'meeting');
  const draft = writeExtractive({ startedAt: monday, transcript, moments: options.moments ?? [], template });
  const composed = composeNotes({
    recording: { id: 'r', title: '', titleSource: 'time', startedAt: monday, durationMs: 60_000, tags: [] },
    transcript,
    template,
    draft,
    generatedAt: monday,
  });
  return {
    ...composed,
    lines: (id: string) =>
      composed.notes.sections.find((section) => section.id === id)!.lines.map(({ text }) => text),
  };
}

const meeting = [
  'Good morning. Today we talk about the launch, the hiring plan and the water damage in the office.',
  'The launch depends on the payment provider, and the payment provider is late again.',
  'I propose we move the launch to the first of March.',
  'Agreed.',
  'The weather was nice on Sunday.',
  'For the launch we still miss the payment contract and the launch video.',
  'The hiring plan has two engineers and one designer.',
  'The designer starts in January, the engineers in February.',
  'Most important is that the payment provider signs the contract this month.',
  'Nadia will call the payment provider tomorrow.',
  'The water damage in the office costs eight thousand euros.',
  'Who pays for the water damage?',
  "I don't know.",
  'Thanks everyone.',
];

test('a summary says what the talk is about, once, in the order it was said', () => {
  const { lines, notes } = write(meeting);
  const summary = lines('summary');
  assert.ok(summary.length >= 2 && summary.length <= 5);
  assert.ok(summary.some((line) => /payment provider/.test(line)));
  assert.ok(!summary.some((line) => /weather|Thanks/.test(line)));
  assert.deepEqual([...new Set(summary)], summary);
  const starts = notes.sections[0]!.lines.map(({ evidence }) => evidence[0]!.startMs);
  assert.deepEqual(
    starts,
    [...starts].sort((a, b) => a - b),
  );
});

test('every line of every template rests on segments of the transcript', () => {
  const { segments } = spoken(meeting);
  const ids = new Map(segments.map((segment) => [segment.id, segment]));
  for (const name of builtInTemplates) {
    const { notes } = write(meeting, { template: name });
    for (const { evidence } of [...notes.sections.flatMap(({ lines }) => lines), ...notes.actions]) {
      assert.ok(evidence.length > 0);
      for (const { segmentId, startMs, endMs, revision } of evidence) {
        const segment = ids.get(segmentId)!;
        assert.ok(segment.startMs <= startMs && startMs <= endMs && endMs <= segment.endMs);
        assert.equal(revision, 1);
      }
    }
  }
});

test('marks and typed notes stand in the key moments with what was said there', () => {
  const moments: Moment[] = [
    { atMs: 52_000, kind: 'mark', text: '' },
    { atMs: 31_000, kind: 'note', text: 'Ask about the budget' },
    { atMs: 40_000, kind: 'pause', text: '' },
  ];
  const { lines } = write(meeting, { moments });
  const [first, second] = lines('moments').filter((line) => /budget|eight thousand/.test(line));
  assert.match(first!, /^Ask about the budget \("The hiring plan/);
  assert.match(second!, /^The water damage in the office costs/);
});

test('a typed note weighs in the summary and can be a task', () => {
  const plain = write(meeting, { template: 'plain' });
  const noted = write(meeting, { moments: [{ atMs: 21_000, kind: 'note', text: 'sunday weather' }] });
  assert.ok(
    !plain.lines('summary').includes('The weather was nice on Sunday.') ||
      noted.lines('summary').includes('The weather was nice on Sunday.'),
  );
  assert.ok(noted.lines('summary').includes('The weather was nice on Sunday.'));
  const task = write(meeting, {
    moments: [{ atMs: 21_000, kind: 'note', text: 'TODO: Omar sends the slides by Friday' }],
  });
  assert.ok(task.notes.actions.some(({ what, when }) => /slides/.test(what) && when === 'by Friday'));
});

test('a typed note in a silent recording rests on itself', () => {
  const { notes } = write([], {
    moments: [{ atMs: 3000, kind: 'note', text: 'Alex wants monthly billing' }],
  });
  const line = notes.sections.find(({ id }) => id === 'moments')!.lines[0]!;
  assert.equal(line.text, 'Alex wants monthly billing');
  assert.deepEqual(line.evidence, [{ revision: 1, segmentId: 'moment.3000', startMs: 3000, endMs: 3000 }]);
});

test('nothing, one word, one sentence, noise: notes all the same', () => {
  for (const template of builtInTemplates) {
    for (const lines of [
      [],
      ['Hello.'],
      ['We launch on Monday.'],
      ['um, uh.'],
      ['...'],
      ['', ' '],
      ['?'],
      ['1 2 3'],
    ]) {
      assert.ok(write(lines, { template }).notes.markdown.startsWith('# '));
    }
  }
  assert.deepEqual(write(['We launch on Monday.']).lines('summary'), ['We launch on Monday.']);
});

test('a talk in capitals, in none, and without punctuation has a summary', () => {
  const shouted = write(meeting.map((line) => line.toUpperCase()));
  assert.ok(shouted.lines('summary').length > 0);
  const bare = write([meeting.join(' ').toLowerCase().replace(/[.,?]/g, '')]);
  assert.ok(bare.lines('summary').length >= 2);
});

test('a clinical talk is sorted into subjective, objective, assessment and plan', () => {
  const { lines } = write(
    [
      'So what brings you in today?',
      'I have had a sore throat and a fever since Monday.',
      'It hurts when I swallow, and I feel tired.',
      'Do you have any allergies?',
      'On examination the throat is red and the tonsils are swollen.',
      'Your temperature is thirty eight point five degrees and the blood pressure is one twenty over eighty.',
      'This looks like a bacterial infection, most likely strep throat.',
      'I will prescribe penicillin, five hundred milligrams twice a day for ten days.',
      'Drink plenty of water and come back if it gets worse.',
      'The parking lot was full again.',
    ],
    { template: 'soap' },
  );
  assert.equal(lines('subjective').length, 2);
  assert.match(lines('objective').join(' '), /tonsils.*temperature/);
  assert.match(lines('assessment').join(' '), /strep throat/);
  assert.match(lines('plan').join(' '), /penicillin.*come back/);
  assert.ok(
    !['subjective', 'objective', 'assessment', 'plan']
      .flatMap(lines)
      .some((line) => /parking|brings you/.test(line)),
  );
});

test('an interview is its questions with their answers', () => {
  const { lines } = write(
    [
      'Where did you grow up?',
      'In a small village near the sea.',
      'My parents had a bakery there.',
      'And how did you become a pilot?',
      'By accident, really. A neighbour took me up in his plane.',
      'Right?',
    ],
    { template: 'interview' },
  );
  assert.deepEqual(lines('answers'), [
    'Where did you grow up? — In a small village near the sea. My parents had a bakery there.',
    'How did you become a pilot? — By accident, really. A neighbour took me up in his plane.',
  ]);
});

test('a section of one’s own holds what was said about its words', () => {
  const template: NotesTemplate = {
    name: 'mine',
    sections: [{ id: 'damage', heading: 'Damage', rule: 'about', words: ['damage', 'cost'], limit: 1 }],
  };
  assert.deepEqual(write(meeting, { template }).lines('damage'), [
    'The water damage in the office costs eight thousand euros.',
  ]);
});

test('titles are short phrases of the content', () => {
  const { title, titleSource } = write(meeting);
  assert.equal(titleSource, 'content');
  assert.match(title, /launch|payment provider|water damage/i);
  assert.ok(title.length <= 60);
  assert.equal(write(['Yes.', 'Okay.']).titleSource, 'time');
});

test('headings, and what stands for unknown, are in the language of the recording', () => {
  for (const { code, headings, phrases } of languages) {
    const { notes } = write(['Hm.'], { language: code });
    assert.deepEqual(
      notes.sections.map(({ heading }) => heading),
      [headings.summary, headings.decisions, headings.actions, headings.questions, headings.moments],
    );
    assert.ok(notes.markdown.includes(phrases.nothing));
  }
});

for (const [language, lines, expected] of [
  [
    'de',
    ['Anna, kannst du das Budget bis Freitag schicken?', 'Ja, klar.'],
    ['Anna', 'bis Freitag', '2026-11-27'],
  ],
  [
    'fr',
    ['Camille, tu peux envoyer le budget avant vendredi ?', 'Oui.'],
    ['Camille', 'avant vendredi', '2026-11-27'],
  ],
  [
    'es',
    ['Carlos, ¿puedes enviar el presupuesto antes del viernes?', 'Sí.'],
    ['Carlos', 'antes del viernes', '2026-11-27'],
  ],
  [
    'pt',
    ['Carlos, podes enviar o orçamento até sexta-feira?', 'Sim.'],
    ['Carlos', 'até sexta-feira', '2026-11-27'],
  ],
  ['vi', ['Anh Minh sẽ gửi ngân sách trước thứ sáu.', 'Vâng.'], ['Anh Minh', 'trước thứ sáu', '2026-11-27']],
] as const) {
  test(`a task in ${language}`, () => {
    const { notes } = write(lines, { language });
    assert.deepEqual(
      notes.actions.map(({ who, when, dueOn }) => [who, when, dueOn]),
      [expected],
    );
  });
}

test('five hours of talk give notes of a readable length', () => {
  const lines = Array.from({ length: 5000 }, (_, index) => {
    const line = meeting[index % meeting.length]!;
    return index % 3 === 0
      ? `${line} That was point ${index} of ${index % 97} on the list of house ${index % 89}.`
      : line;
  });
  const { notes, lines: linesOf } = write(lines);
  assert.ok(linesOf('summary').length <= 8);
  assert.ok(notes.markdown.length < 20_000);
});

test('word times place a sentence inside its segment', () => {
  const words = 'We talked. Tom will send the slides tomorrow.'.split(' ').map((text, index) => ({
    text,
    startMs: index < 2 ? index * 200 : 5000 + index * 200,
    endMs: index < 2 ? index * 200 + 150 : 5000 + index * 200 + 150,
    estimated: false,
  }));
  const transcript = spoken(['x']);
  const { notes } = write({
    ...transcript,
    segments: [
      {
        id: '1.0.0',
        track: 0,
        startMs: 0,
        endMs: 7000,
        text: words.map(({ text }) => text).join(' '),
        words,
      },
    ],
  });
  assert.deepEqual(
    [notes.actions[0]!.evidence[0]!.startMs, notes.actions[0]!.evidence[0]!.endMs],
    [5400, 6550],
  );
});
