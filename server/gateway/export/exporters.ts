import type { ExportFormat } from '@speakr/contracts/api';
import type { Notes } from '@speakr/contracts/notes';
import type { Recording } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import { writeJson } from './json.ts';
import { writeMarkdown } from './markdown.ts';
import { writeSubRip } from './subrip.ts';
import { writeText } from './text.ts';
import { writeWebVtt } from './web-vtt.ts';

/** Everything an export may show. A running recording has no notes, a new one no transcript. */
export interface ExportedRecording {
  readonly recording: Recording;
  readonly transcript?: Transcript;
  readonly notes?: Notes;
}

/** Export formats. A new one: its name and type in `exportTypes` of contracts/api.ts, its file here, its line below. */
export const exporters: Readonly<Record<ExportFormat, (exported: ExportedRecording) => string>> = {
  md: writeMarkdown,
  txt: writeText,
  srt: writeSubRip,
  vtt: writeWebVtt,
  json: writeJson,
};
