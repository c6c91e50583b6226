import { cuesOf } from './cues.ts';
import type { ExportedRecording } from './exporters.ts';
import { cueTime } from './time.ts';

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** WebVTT subtitles (W3C). */
export const writeWebVtt = ({ transcript }: ExportedRecording): string =>
  `WEBVTT\n\n${cuesOf(transcript?.segments ?? [])
    .map(
      ({ startMs, endMs, text }) =>
        `${cueTime(startMs, '.')} --> ${cueTime(endMs, '.')}\n${escaped(text)}\n\n`,
    )
    .join('')}`;
