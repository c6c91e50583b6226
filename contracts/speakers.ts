import type { Recording } from './recording.ts';

/** A stretch of speech, as far as telling who speaks goes. */
interface Spoken {
  readonly track: number;
  readonly speaker?: string;
}

type Speakers = Pick<Recording, 'tracks' | 'speakers'>;

/**
 * Who speaks, as a label that stays the same whatever the speaker is called: what an engine that tells voices apart has
 * written into the segment, else the label of the track where there are several. A track that is the only one says
 * nothing about who is heard on it, unless somebody gave its label a name.
 */
export function speakerLabel(spoken: Spoken, { tracks, speakers = {} }: Speakers): string | undefined {
  if (spoken.speaker !== undefined) return spoken.speaker;
  const label = tracks.find(({ track }) => track === spoken.track)?.label;
  return label !== undefined && (tracks.length > 1 || label in speakers) ? label : undefined;
}

/** The name a label was given, else the label. */
export const speakerName = (label: string, speakers: Recording['speakers'] = {}): string =>
  Object.hasOwn(speakers, label) ? (speakers[label] ?? label) : label;

/** Segments or captions with the names of their speakers. */
export function withSpeakerNames<T extends Spoken>(spoken: readonly T[], recording: Speakers): T[] {
  return spoken.map((each) => {
    const label = speakerLabel(each, recording);
    return label === undefined ? each : { ...each, speaker: speakerName(label, recording.speakers) };
  });
}
