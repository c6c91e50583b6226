import { cuesOf } from './cues.ts';
import type { ExportedRecording } from './exporters.ts';
import { cueTime } from './time.ts';

/** SubRip subtitles. */
export const writeSubRip = ({ transcript }: ExportedRecording): string =>
  cuesOf(transcript?.segments ?? [])
    .map(
      ({ startMs, endMs, text, speaker }, index) =>
        `${index + 1}\n${cueTime(startMs, ',')} --> ${cueTime(endMs, ',')}\n${speaker === undefined ? '' : `${speaker}: `}${text}\n\n`,
    )
    .join('');
