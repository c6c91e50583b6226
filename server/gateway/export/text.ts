import type { ExportedRecording } from './exporters.ts';

/** What was said, one line a segment, with who says it in front where that is known. */
export function writeText({ transcript }: ExportedRecording): string {
  const lines = (transcript?.segments ?? []).map(({ speaker, text }) =>
    speaker === undefined ? text : `${speaker}: ${text}`,
  );
  return lines.map((line) => `${line}\n`).join('');
}
