import { readdirSync, readFileSync } from 'node:fs';
import type { Transcript } from '@speakr/contracts/transcript';
import type { Meeting } from './notes-score.ts';

const folder = new URL('meetings/', import.meta.url);

export function listMeetings(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace(/\.json$/, ''))
    .sort();
}

export function readMeeting(id: string): Meeting {
  return JSON.parse(readFileSync(new URL(`${id}.json`, folder), 'utf8')) as Meeting;
}

/** The meeting as a perfect recognizer would write it, an utterance a segment. */
export function textTranscript(meeting: Meeting): Transcript {
  let atMs = 0;
  return {
    recordingId: '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
    revision: 1,
    origin: 'batch',
    complete: true,
    language: 'en',
    model: 'script',
    createdAt: Date.parse(meeting.startedAt),
    segments: meeting.utterances.map(({ text, speaker }, index) => {
      const startMs = atMs;
      const endMs = startMs + 300 * text.split(' ').length;
      atMs = endMs + 500;
      return {
        id: `1.0.${index}`,
        track: 0,
        startMs,
        endMs,
        text,
        ...(speaker === undefined ? {} : { speaker }),
      };
    }),
  };
}
