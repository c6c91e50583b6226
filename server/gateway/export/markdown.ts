import type { Moment, Receipt, Recording } from '@speakr/contracts/recording';
import type { ExportedRecording } from './exporters.ts';
import { clockTime } from './time.ts';

const words = { mark: 'marked', note: 'note', pause: 'paused', resume: 'resumed' } as const;

/** Notes, marks, transcript and receipt. */
export function writeMarkdown({ recording, transcript, notes }: ExportedRecording): string {
  const sections = [
    notes?.markdown.trimEnd() || `# ${recording.title}`,
    about(recording),
    list('Marks', recording.moments.map(momentLine)),
    list(
      'Transcript',
      (transcript?.segments ?? []).map(({ startMs, speaker, text }) => {
        const name = speaker === undefined ? '' : ` ${speaker}:`;
        return `**${clockTime(startMs)}**${name} ${text}`;
      }),
      '\n\n',
    ),
    list('Receipt', receiptLines(recording.receipt)),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function about({ startedAt, durationMs, tags, source }: Recording): string {
  const parts = [
    new Date(startedAt).toISOString(),
    clockTime(durationMs),
    source,
    ...tags.map((tag) => `#${tag}`),
  ];
  return `_${parts.join(' · ')}_`;
}

const list = (heading: string, lines: readonly string[], separator = '\n') =>
  lines.length === 0 ? '' : `## ${heading}\n\n${lines.join(separator)}`;

const momentLine = ({ atMs, kind, text }: Moment) =>
  `- ${clockTime(atMs)} ${words[kind]}${text === '' ? '' : `: ${text}`}`;

function receiptLines({
  capturedMs,
  spooledMs,
  acknowledgedMs,
  transcribedMs,
  gaps,
  echo,
}: Receipt): string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    `- captured ${seconds(capturedMs)}, spooled ${seconds(spooledMs)}, received ${seconds(acknowledgedMs)}, transcribed ${seconds(transcribedMs)}`,
    ...(gaps.length === 0 ? ['- no gaps'] : []),
    ...(echo === undefined
      ? []
      : [
          `- left out of the text: ${echo.segments} segments (${seconds(echo.durationMs)}) that the microphone heard from the loudspeakers`,
        ]),
    ...gaps.map(
      ({ startMs, durationMs, reason }) =>
        `- gap of ${seconds(durationMs)} at ${clockTime(startMs)}: ${reason}`,
    ),
  ];
}
