import type { Recording } from '@speakr/contracts/recording';
import type { Segment } from '@speakr/contracts/transcript';
import type { LogChunk } from '../audio-log/audio-log.ts';
import type { Heard } from './echo.ts';
import { createEchoGate } from './echo-gate.ts';
import { SAMPLES_PER_MS } from './speech-policy.ts';

/** What a track has to do with echoes: nothing, unless the other side of a call is on another one. */
export interface TrackEcho {
  /** The track's audio on its way to the recognizer. */
  overhear(chunks: AsyncIterable<LogChunk>): AsyncIterable<LogChunk>;
  /** Whether a partial is better not shown. */
  hides(partial: Heard): boolean;
  /** Whether something settled is an echo and is left out; waits for what it takes to tell, never long. */
  isEcho(segment: Heard): Promise<boolean>;
  /** The same without waiting, for what the second pass hears. */
  wasEcho(segment: Heard): boolean;
  /** All speech before this sample is settled. */
  through(sample: number): void;
  /** Nothing more comes on this track. */
  ended(): void;
}

const none: TrackEcho = {
  overhear: (chunks) => chunks,
  hides: () => false,
  isEcho: async () => false,
  wasEcho: () => false,
  through: () => {},
  ended: () => {},
};

/**
 * Joins the tracks of a recording that has the microphone on one and what the computer plays on another: the microphone
 * hears the loudspeakers, too, and the same words shall not be there twice.
 * @param earlier segments that were kept before a restart
 */
export function createTrackEchoes(
  tracks: Recording['tracks'],
  earlier: readonly Segment[],
): (track: number) => TrackEcho {
  const kinds = new Map(tracks.map(({ track, kind }) => [track, kind]));
  const kindsThere = [...kinds.values()];
  if (!kindsThere.includes('system') || !kindsThere.includes('microphone')) return () => none;
  const gate = createEchoGate();
  for (const segment of earlier) if (kinds.get(segment.track) === 'system') gate.played(segment, true);

  const system: TrackEcho = {
    ...none,
    overhear: gate.overhear,
    hides(partial) {
      gate.played(partial, false);
      return false;
    },
    async isEcho(segment) {
      gate.played(segment, true);
      return false;
    },
    through: (sample) => gate.playedThrough(sample / SAMPLES_PER_MS),
    ended: gate.playedAll,
  };
  const microphone: TrackEcho = {
    ...none,
    hides: gate.looksLikeEcho,
    isEcho: async (segment) => segment.text !== '' && gate.judge(segment),
    wasEcho: gate.isEcho,
  };
  return (track) => {
    const kind = kinds.get(track);
    return kind === 'system' ? system : kind === 'microphone' ? microphone : none;
  };
}
