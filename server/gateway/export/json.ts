import type { ExportedRecording } from './exporters.ts';

/** Recording with receipt and marks, newest transcript and notes, in the schemas of contracts/. */
export const writeJson = ({ recording, transcript, notes }: ExportedRecording): string =>
  `${JSON.stringify({ recording, transcript, notes }, null, 2)}\n`;
