import type { ExportedRecording } from './exporters.ts';

/** What was said, one line a segment; the label of the track in front when there are several. */
export function writeText({ recording, transcript }: ExportedRecording): string {
  const labels = new Map(recording.tracks.map(({ track, label }) => [track, label]));
  const lines = (transcript?.segments ?? []).map(({ track, speaker, text }) => {
    const name = speaker ?? (labels.size > 1 ? labels.get(track) : undefined);
    return name === undefined ? text : `${name}: ${text}`;
  });
  return lines.map((line) => `${line}\n`).join('');
}
