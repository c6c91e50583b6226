import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monday } from './fixtures/spoken.ts';
import { languageOf } from './languages/languages.ts';
import { clockTime, renderMarkdown } from './markdown.ts';

const evidence = [{ revision: 1, segmentId: '1.0.0', startMs: 61_250, endMs: 64_000 }];
const request = {
  recording: {
    title: 'Launch planning',
    startedAt: monday,
    durationMs: 3_725_000,
    tags: ['launch', 'team a'],
  },
  language: languageOf('en'),
  sections: [
    { id: 'summary', heading: 'Summary', lines: [{ text: 'We talked.', evidence }] },
    { id: 'decisions', heading: 'Decisions', lines: [] },
    { id: 'actions', heading: 'Action items', lines: [{ text: 'Alex sends it.', evidence }] },
  ],
  actions: [
    {
      id: 'a.0',
      text: 'Alex sends it.',
      what: 'Send it',
      who: 'Alex',
      when: 'by Friday',
      dueOn: '2026-11-27',
      done: false,
      evidence,
    },
    { id: 'a.1', text: 'It is sent.', what: 'Pay it', who: 'unknown', when: 'unknown', done: true, evidence },
  ],
  actionsSection: 'actions',
  remarks: ['Written without help.'],
  spoken: true,
};

test('title, date, length and tags stand above the sections, each line has its time', () => {
  const markdown = renderMarkdown(request);
  assert.match(markdown, /^# Launch planning\n\n23 November 2026 at [\d:]+ · 1:02:05 · #launch · #team-a\n/);
  assert.match(markdown, /\n> Written without help\.\n/);
  assert.match(markdown, /\n## Summary\n\n- We talked\. \(01:01\)\n/);
  assert.match(markdown, /\n## Decisions\n\nNone\.\n/);
  assert.match(markdown, /- \[ \] Send it — \*\*Alex\*\*, by Friday \(due 2026-11-27\) \(01:01\)/);
  assert.match(markdown, /- \[x\] Pay it — \*\*unknown\*\*, unknown \(01:01\)/);
});

test('speech cannot become markup', () => {
  const text = 'see <script>alert(1)</script>\n## Fake *heading* [x](javascript:y) `z`';
  const markdown = renderMarkdown({
    ...request,
    sections: [{ id: 's', heading: 'S', lines: [{ text, evidence }] }],
  });
  assert.doesNotMatch(markdown, /<script>|^## Fake|[^\\]\[x/m);
  assert.match(markdown, /\\<script\\>/);
});

test('a recording without a word says so in one sentence', () => {
  const sections = request.sections.map((section) => ({ ...section, lines: [] }));
  const markdown = renderMarkdown({ ...request, sections, actions: [], spoken: false, remarks: [] });
  assert.match(markdown, /Nothing was said in this recording\./);
  assert.doesNotMatch(markdown, /##/);
});

test('times have hours only where there are any', () => {
  assert.deepEqual([0, 59_999, 60_000, 3_600_000].map(clockTime), ['00:00', '00:59', '01:00', '1:00:00']);
});
