import type { ServerMessage } from '@speakr/contracts/stream';

/** Who recognizes at the moment: the server the recording is meant for, or the one of this machine in its place. */
export type Place = 'remote' | 'embedded';

/**
 * Joins the captions of two servers that hear the same recording one after the other. What one has shown for good the
 * other does not show again, and ids of the second one do not meet those of the first.
 */
export function captionsOfTwo(onMessage: (message: ServerMessage) => void) {
  /** By place and track: up to where finals were shown, ms. */
  const shown = { remote: new Map<number, number>(), embedded: new Map<number, number>() };

  return {
    tell(place: Place, message: ServerMessage): void {
      if (message.type !== 'partial' && message.type !== 'final') {
        onMessage(relabel(place, message));
        return;
      }
      const { track, startMs, endMs } = message;
      const other = shown[place === 'remote' ? 'embedded' : 'remote'].get(track) ?? 0;
      // Two recognizers cut at different moments: what lies mostly in what was shown is the same again.
      if ((startMs + endMs) / 2 < other) return;
      if (message.type === 'final') shown[place].set(track, Math.max(endMs, shown[place].get(track) ?? 0));
      onMessage(relabel(place, message));
    },
  };
}

const mark = (id: string) => `here.${id}`;

function relabel(place: Place, message: ServerMessage): ServerMessage {
  if (place === 'remote') return message;
  switch (message.type) {
    case 'partial':
    case 'final':
      return { ...message, segmentId: mark(message.segmentId) };
    case 'revised':
      return {
        ...message,
        replaces: message.replaces.map(mark),
        segments: message.segments.map((segment) => ({ ...segment, id: mark(segment.id) })),
      };
    default:
      return message;
  }
}
