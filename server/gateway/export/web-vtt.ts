import { cuesOf } from './cues.ts';
import type { ExportedRecording } from './exporters.ts';
import { cueTime } from './time.ts';

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** https://www.w3.org/TR/webvtt1/#webvtt-cue-voice-span; it ends with its cue. */
const voice = (speaker: string | undefined) =>
  speaker === undefined ? '' : `<v ${escaped(speaker.replace(/\s+/g, ' '))}>`;

/** WebVTT subtitles (W3C). */
export const writeWebVtt = ({ transcript }: ExportedRecording): string =>
  `WEBVTT\n\n${cuesOf(transcript?.segments ?? [])
    .map(
      ({ startMs, endMs, text, speaker }) =>
        `${cueTime(startMs, '.')} --> ${cueTime(endMs, '.')}\n${voice(speaker)}${escaped(text)}\n\n`,
    )
    .join('')}`;
