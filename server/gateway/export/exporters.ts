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

export interface Exporter {
  /** Media type. */
  readonly type: string;
  write(exported: ExportedRecording): string;
}

/** Export formats. A new one: its name in `exportFormats` of contracts/api.ts, its file here, its line below. */
export const exporters: { readonly [F in ExportFormat]: Exporter } = {
  md: { type: 'text/markdown', write: writeMarkdown },
  txt: { type: 'text/plain', write: writeText },
  srt: { type: 'application/x-subrip', write: writeSubRip },
  vtt: { type: 'text/vtt', write: writeWebVtt },
  json: { type: 'application/json', write: writeJson },
};
