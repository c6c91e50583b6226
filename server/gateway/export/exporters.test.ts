import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportFormats } from '@speakr/contracts/api';
import type { Recording } from '@speakr/contracts/recording';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import { cuesOf } from './cues.ts';
import { type ExportedRecording, exporters } from './exporters.ts';

const recording: Recording = {
  id: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  title: 'Launch planning',
  titleSource: 'user',
  tags: ['launch'],
  state: 'ready',
  mode: 'live',
  language: 'en',
  model: 'moonshine-tiny-en',
  template: 'meeting',
  source: 'microphone',
  startedAt: 1_795_262_400_000,
  createdAt: 1_795_262_400_000,
  updatedAt: 1_795_262_400_000,
  durationMs: 3_725_000,
  tracks: [
    { track: 0, label: 'me', samples: 59_600_000 },
    { track: 1, label: 'them', samples: 59_600_000 },
  ],
  revision: 1,
  receipt: {
    capturedMs: 3_724_000,
    spooledMs: 3_724_000,
    acknowledgedMs: 3_724_000,
    transcribedMs: 3_725_000,
    gaps: [{ track: 0, startMs: 61_000, durationMs: 1000, reason: 'device_lost' }],
  },
  moments: [{ atMs: 62_000, kind: 'note', text: 'Alex wants monthly billing' }],
};
const segments: Segment[] = [
  { id: '1.0.0', track: 0, startMs: 1250, endMs: 4800, text: 'We launch in March.', speaker: 'me' },
  { id: '1.1.0', track: 1, startMs: 3_661_007, endMs: 3_664_000, text: 'Is 3 < 4 & 5 > 4?', speaker: 'Alex' },
];
const transcript = { segments } as Transcript;
const whole: ExportedRecording = { recording, transcript };

test('Markdown holds title, marks, transcript and receipt with its gaps', () => {
  const text = exporters.md(whole);
  assert.match(text, /^# Launch planning\n/);
  assert.match(text, /1:02:05 · microphone · #launch/);
  assert.match(text, /- 01:02 note: Alex wants monthly billing\n/);
  assert.match(text, /\*\*00:01\*\* me: We launch in March\.\n\n\*\*1:01:01\*\* Alex: Is 3/);
  assert.match(text, /- gap of 1\.0 s at 01:01: device_lost\n$/);
});

test('text holds one line a segment, with who speaks where that is known', () => {
  assert.equal(exporters.txt(whole), 'me: We launch in March.\nAlex: Is 3 < 4 & 5 > 4?\n');
});

test('SubRip and WebVTT hold cues with their times, WebVTT with its characters escaped', () => {
  assert.equal(
    exporters.srt(whole),
    '1\n00:00:01,250 --> 00:00:04,800\nme: We launch in March.\n\n' +
      '2\n01:01:01,007 --> 01:01:04,000\nAlex: Is 3 < 4 & 5 > 4?\n\n',
  );
  assert.equal(
    exporters.vtt(whole),
    'WEBVTT\n\n00:00:01.250 --> 00:00:04.800\n<v me>We launch in March.\n\n' +
      '01:01:01.007 --> 01:01:04.000\n<v Alex>Is 3 &lt; 4 &amp; 5 &gt; 4?\n\n',
  );
});

test('JSON holds recording and transcript as they are', () => {
  assert.deepEqual(JSON.parse(exporters.json(whole)), JSON.parse(JSON.stringify({ recording, transcript })));
});

test('a recording without a word can be exported in every format', () => {
  for (const format of exportFormats) assert.equal(typeof exporters[format]({ recording }), 'string');
});

test('a long segment becomes cues of at most two lines of 42 characters and 7 s, in order', () => {
  const sentence = 'and then we talked about the budget for the whole of the coming year';
  const text = Array.from({ length: 6 }, () => sentence).join(' ');
  const cues = cuesOf([{ id: '1.0.0', track: 0, startMs: 1000, endMs: 31_000, text }]);
  assert.equal(cues.map(({ text }) => text.replaceAll('\n', ' ')).join(' '), text);
  let before = 1000;
  for (const { startMs, endMs, text } of cues) {
    assert.ok(startMs >= before && endMs > startMs && endMs - startMs <= 7000);
    const lines = text.split('\n');
    assert.ok(lines.length <= 2 && lines.every((line) => line.length <= 46), text);
    before = endMs;
  }
  assert.equal(cues.at(-1)?.endMs, 31_000);
});

test('measured word times win over shared ones', () => {
  const words = [
    { text: 'Slow', startMs: 0, endMs: 500, estimated: false },
    { text: 'words.', startMs: 9000, endMs: 9500, estimated: false },
  ];
  const cues = cuesOf([{ id: '1.0.0', track: 0, startMs: 0, endMs: 9500, text: 'Slow words.', words }]);
  assert.deepEqual(cues, [
    { startMs: 0, endMs: 500, text: 'Slow' },
    { startMs: 9000, endMs: 9500, text: 'words.' },
  ]);
});
