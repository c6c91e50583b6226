import { SpeakrError } from '@speakr/contracts/problem';
import { ClientMessage, MAX_MESSAGE_BYTES } from '@speakr/contracts/stream';

/**
 * Reads a text frame.
 * @throws SpeakrError `stream_malformed` or `payload_too_large`; neither quotes the message
 */
export function decodeClientMessage(frame: Buffer): ClientMessage {
  if (frame.byteLength > MAX_MESSAGE_BYTES)
    throw new SpeakrError('payload_too_large', `A message may hold at most ${MAX_MESSAGE_BYTES} bytes.`);
  let value: unknown;
  try {
    value = JSON.parse(frame.toString('utf8'));
  } catch {
    throw new SpeakrError('stream_malformed', 'A text frame must hold JSON.');
  }
  const parsed = ClientMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.');
  throw new SpeakrError(
    'stream_malformed',
    where ? `The field ${where.slice(0, 80)} is not valid.` : 'The message is not known.',
  );
}
