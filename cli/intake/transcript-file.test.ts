import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTranscriptFile, spreadOver } from './transcript-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'speakr-transcript-'));
after(() => rmSync(directory, { recursive: true, force: true }));

function read(name: string, text: string) {
  writeFileSync(join(directory, name), text);
  return readTranscriptFile(join(directory, name));
}

test('SubRip, with Windows line ends, a byte order mark, tags and two lines', async () => {
  const text =
    '\uFEFF1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>We launch</i>\r\nin March.\r\n\r\n2\r\n01:00:00,000 --> 01:00:02,000\r\nYes.\r\n';
  assert.deepEqual(await read('a.srt', text), {
    timed: true,
    segments: [
      { startMs: 1500, endMs: 3000, text: 'We launch in March.' },
      { startMs: 3_600_000, endMs: 3_602_000, text: 'Yes.' },
    ],
  });
});

test('WebVTT, with a header, notes, settings, short times and voices', async () => {
  const text =
    'WEBVTT\n\nNOTE made by hand\n\nintro\n00:02.000 --> 00:04.000 align:left\n<v Ada>Salt &amp; pepper\n\n00:01.000 --> 00:01.500\nFirst.\n';
  assert.deepEqual(await read('a.vtt', text), {
    timed: true,
    segments: [
      { startMs: 1000, endMs: 1500, text: 'First.' },
      { startMs: 2000, endMs: 4000, text: 'Salt & pepper', speaker: 'Ada' },
    ],
  });
});

test('JSON as speakr exports it, as it prints it, and as Whisper writes it', async () => {
  const segments = [{ id: '1.0.0', startMs: 10, endMs: 20, text: ' Hello. ', speaker: 'me' }];
  const expected = { timed: true, segments: [{ startMs: 10, endMs: 20, text: 'Hello.', speaker: 'me' }] };
  assert.deepEqual(await read('a.json', JSON.stringify({ transcript: { segments } })), expected);
  assert.deepEqual(await read('b.json', JSON.stringify({ text: 'Hello.', segments })), expected);
  const whisper = { segments: [{ id: 0, start: 0.5, end: 1.25, text: ' Hi' }] };
  assert.deepEqual(await read('c.json', JSON.stringify(whisper)), {
    timed: true,
    segments: [{ startMs: 500, endMs: 1250, text: 'Hi' }],
  });
});

test('text has no times until it is spread over the audio', async () => {
  const transcript = await read('a.txt', 'Aaaa bbbb.\n\nCc.\n');
  assert.deepEqual(transcript, { timed: false, paragraphs: ['Aaaa bbbb.', 'Cc.'] });
  assert.deepEqual(spreadOver(['aaa', 'b'], 4000), [
    { startMs: 0, endMs: 3000, text: 'aaa' },
    { startMs: 3000, endMs: 4000, text: 'b' },
  ]);
});

test('what is no transcript is refused without quoting it', async () => {
  for (const [name, text] of [
    ['d.json', '{"segments": [{"text": "secret"}]}'],
    ['e.json', 'secret'],
    ['f.srt', 'secret words without times'],
  ] as const)
    await assert.rejects(read(name, text), (error: Error) => {
      assert.match(error.message, /no transcript that speakr can read/);
      return !error.message.includes('secret');
    });
});
