import type { LiveLogLine } from './live-log.ts';
import { type LiveScore, scoreLogs } from './live-score.ts';
import type { ClipReference } from './reference.ts';

/** A figure that must not be exceeded. */
interface Target {
  readonly name: string;
  readonly value: number;
  readonly required: number;
  readonly stretch?: number;
}

const noisy = (clip: string) => clip.includes('snr');

export interface Measured {
  readonly all: LiveScore;
  readonly withoutNoise: LiveScore;
  readonly front: readonly FrontPoint[];
}

/** Lag and flicker of one way to show the same hypotheses. */
export interface FrontPoint {
  readonly name: string;
  readonly lag: LiveScore['lag'];
  readonly flicker: number;
}

type Logs = readonly (readonly LiveLogLine[])[];

export function measure(logs: Logs, references: readonly ClipReference[]): Measured {
  return {
    all: scoreLogs(logs, references),
    withoutNoise: scoreLogs(logs, references, { clips: (clip) => !noisy(clip) }),
    front: [0, 1, 2].map((heldBack) => {
      const { lag, flicker } = scoreLogs(
        logs.map((lines) => holdBack(lines, heldBack)),
        references,
      );
      const name =
        heldBack === 0 ? 'all that is shown' : `the last ${heldBack === 1 ? 'word' : '2 words'} held back`;
      return { name, lag, flicker };
    }),
  };
}

/** The same log as if the last words of every partial had not been shown. */
function holdBack(lines: readonly LiveLogLine[], words: number): LiveLogLine[] {
  if (words === 0) return [...lines];
  return lines.map((line) =>
    line.k === 'q'
      ? { ...line, text: line.text.split(/\s+/).filter(Boolean).slice(0, -words).join(' ') }
      : line,
  );
}

/** Whether for every point of one front there is one of the other that is no worse in lag and in flicker. */
export function dominates(ours: readonly FrontPoint[], theirs: readonly FrontPoint[]): boolean {
  return theirs.every((point) =>
    ours.some(
      ({ lag, flicker }) => lag[0] <= point.lag[0] && lag[1] <= point.lag[1] && flicker <= point.flicker,
    ),
  );
}

/** What issue and design ask of live captions; `secondWer` where a second pass was scored. */
export function liveTargets(ours: Measured, vendor: Measured | undefined, secondWer?: number): Target[] {
  const { all, withoutNoise } = ours;
  const targets: Target[] = [
    { name: 'phrase end → final p50, s', value: withoutNoise.final[0], required: 0.4, stretch: 0.35 },
    { name: 'phrase end → final p95, s', value: withoutNoise.final[1], required: 0.7, stretch: 0.5 },
    { name: 'final p95 with the noisy clip, s', value: all.final[1], required: 1.5 },
    { name: 'word end → first shown p50, s', value: all.lag[0], required: 0.3 },
    { name: 'word end → first shown p95, s', value: all.lag[1], required: 0.8 },
    { name: 'flicker, revised per final word', value: all.flicker, required: 0.45 },
    { name: 'speech start → first text p50, s', value: all.firstText[0], required: 0.5 },
    { name: 'speech start → first text p95, s', value: all.firstText[1], required: 1.2 },
    { name: 'stop → last final p50, s', value: all.stop[0], required: 0.2 },
    { name: 'stop → last final p95, s', value: all.stop[1], required: 0.45 },
    { name: 'word errors of live finals, %', value: all.wer, required: 16.5 },
    { name: 'words invented', value: all.invented, required: 0 },
    { name: 'CPU s per s of audio', value: all.cpu, required: 0.3 },
  ];
  if (secondWer !== undefined)
    targets.push({ name: 'word errors after the second pass, %', value: secondWer, required: 14.5 });
  if (vendor !== undefined)
    targets.push(
      {
        name: 'final p95 against the vendor’s, ×',
        value: withoutNoise.final[1] / vendor.withoutNoise.final[1],
        required: 0.65,
        stretch: 0.5,
      },
      {
        name: 'flicker against the vendor’s, ×',
        value: all.flicker / vendor.all.flicker,
        required: 0.5,
        stretch: 0.5,
      },
    );
  return targets;
}

export const isMet = ({ value, required }: Target) => value <= required;

export function targetLine(target: Target): string {
  const { name, value, required, stretch } = target;
  const verdict = !isMet(target)
    ? 'MISSED '
    : stretch !== undefined && value <= stretch
      ? 'stretch'
      : 'met    ';
  const wanted = stretch === undefined ? `≤ ${required}` : `≤ ${required}, stretch ${stretch}`;
  return `${verdict} ${name.padEnd(40)} ${value.toFixed(value >= 10 ? 1 : 2).padStart(6)}   ${wanted}`;
}
