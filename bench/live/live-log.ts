import { readFileSync, writeFileSync } from 'node:fs';

/** A text that was shown: `p` the stable part of a partial, `q` all of it, `f` a final. */
export interface ShownText {
  readonly k: 'p' | 'q' | 'f';
  readonly stream: number;
  readonly clip: string;
  /** Seconds since the first sample of the clip. */
  readonly t: number;
  /** Segments of a clip, counted in their order. */
  readonly seg: number;
  readonly text: string;
}

/** A clip has been played. */
export interface ClipEnd {
  readonly k: 'end';
  readonly stream: number;
  readonly clip: string;
  /** When the clip ended and when its last final was there, seconds since its first sample. */
  readonly stop: number;
  readonly done: number;
  /** CPU seconds of what is measured; absent where several streams share it. */
  readonly cpu?: number;
  /** Cores that others used meanwhile. */
  readonly other?: number;
}

/** A run is over. */
export interface RunEnd {
  readonly k: 'run';
  /** CPU seconds, and the seconds of audio they were spent on. */
  readonly cpu: number;
  readonly audio: number;
  /** Highest resident memory, MB. */
  readonly rss: number;
  readonly other: number;
}

/** One line of a log: what was shown when. All systems that are compared write the same. */
export type LiveLogLine = ShownText | ClipEnd | RunEnd;

export function writeLiveLog(file: string, lines: readonly LiveLogLine[]): void {
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

export function readLiveLog(file: string): LiveLogLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LiveLogLine);
}
