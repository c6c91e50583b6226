import { MAX_MESSAGE_BYTES, type ServerMessage } from '@speakr/contracts/stream';

type Revised = Extract<ServerMessage, { type: 'revised' }>;

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/**
 * The same in messages of at most `MAX_MESSAGE_BYTES`: notes that are longer are told by reference, the segments of a
 * revision come in several messages (the first says what they replace).
 */
export function fitMessage(message: ServerMessage): ServerMessage[] {
  if (message.type === 'notes') {
    const bytes = bytesOf(message.notes);
    if (bytes + 100 <= MAX_MESSAGE_BYTES) return [message];
    const { recordingId, revision } = message.notes;
    return [{ type: 'notes_ready', recordingId, revision, bytes }];
  }
  if (message.type === 'revised' && bytesOf(message) > MAX_MESSAGE_BYTES) return splitRevised(message);
  return [message];
}

function splitRevised({ revision, replaces, segments }: Revised): Revised[] {
  const parts: Revised[] = [];
  let part: Revised = { type: 'revised', revision, replaces, segments: [] };
  let bytes = bytesOf(part);
  for (const { words, ...plain } of segments) {
    const whole = words === undefined ? plain : { ...plain, words };
    // Word times can be fetched with the transcript; they must not keep the text from coming.
    const segment = bytesOf(whole) > MAX_MESSAGE_BYTES / 2 ? plain : whole;
    const added = bytesOf(segment) + 1;
    if (bytes + added > MAX_MESSAGE_BYTES) {
      parts.push(part);
      part = { type: 'revised', revision, replaces: [], segments: [] };
      bytes = bytesOf(part);
    }
    part.segments.push(segment);
    bytes += added;
  }
  return [...parts, part];
}
