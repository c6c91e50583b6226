import type { ServerMessage } from '@speakr/contracts/stream';
import type { Segment, Transcript } from '@speakr/contracts/transcript';
import type { OwnerStore } from '../../store/store.ts';

type Final = Extract<ServerMessage, { type: 'final' }>;
type Revised = Extract<ServerMessage, { type: 'revised' }>;

/** What a client has been shown of a recording, or would have been had it listened. */
export interface StoredCaptions {
  /** Oldest first. */
  readonly finals: Final[];
  /** What the second pass made of them. */
  readonly revised: Revised[];
}

/** Live segments that one message replaces at the most. */
const SEGMENTS_PER_MESSAGE = 50;

/** Captions as the store has them: as heard live, and revised; of a file its current revision. */
export async function storedCaptions(own: OwnerStore, recordingId: string): Promise<StoredCaptions> {
  const revisions = await own.listRevisions(recordingId);
  const live = revisions.find(({ origin }) => origin === 'live');
  const second = revisions.find(({ origin }) => origin === 'second-pass');
  const heard = await own.getTranscript(recordingId, live?.revision);
  if (heard === undefined) return { finals: [], revised: [] };
  const better = second && (await own.getTranscript(recordingId, second.revision));
  return { finals: heard.segments.map(toFinal), revised: better ? toRevised(heard, better) : [] };
}

function toFinal({ id, track, startMs, endMs, text, speaker }: Segment): Final {
  return {
    type: 'final',
    segmentId: id,
    track,
    startMs,
    endMs,
    text,
    stable: text,
    ...(speaker === undefined ? {} : { speaker }),
  };
}

/** The difference between two revisions as messages of bearable size. Segments taken over keep their ids. */
function toRevised(heard: Transcript, { revision, segments }: Transcript): Revised[] {
  const before = new Set(heard.segments.map(({ id }) => id));
  const after = new Set(segments.map(({ id }) => id));
  const replaced = heard.segments.filter(({ id }) => !after.has(id));
  const fresh = segments.filter(({ id }) => !before.has(id)).map(({ words: _, ...shown }) => shown);
  const messages: Revised[] = [];
  let from = 0;
  for (let at = 0; at < replaced.length; at += SEGMENTS_PER_MESSAGE) {
    const untilMs = replaced[at + SEGMENTS_PER_MESSAGE]?.startMs ?? Number.POSITIVE_INFINITY;
    const upTo = fresh.findIndex(({ startMs }, index) => index >= from && startMs >= untilMs);
    const end = upTo < 0 ? fresh.length : upTo;
    messages.push({
      type: 'revised',
      revision,
      replaces: replaced.slice(at, at + SEGMENTS_PER_MESSAGE).map(({ id }) => id),
      segments: fresh.slice(from, end),
    });
    from = end;
  }
  return messages;
}
