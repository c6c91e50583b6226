import type { MessageType } from '@speakr/contracts/events';
import type { DeclaredStream } from '../nats/declare-streams.ts';

const DAY_NS = 24 * 60 * 60 * 1e9;
const MEBIBYTE = 1024 * 1024;
/** Within it a message that is published again is known by its id. */
const DUPLICATE_WINDOW_NS = 5 * 60 * 1e9;

/** Events and commands until every consumer has acknowledged them. */
export const MESSAGES = 'SPEAKR_MESSAGES';
/** What is known of deliveries that were tried before: one entry a message and consumer. */
export const ATTEMPTS = 'SPEAKR_ATTEMPTS';

/** Consumers whose dead letters have a name of their own. */
const deadLetterNames: Readonly<Record<string, string>> = {
  transcriber: 'ASR',
  indexer: 'EMBEDDINGS',
  notes: 'NOTES',
};

/** The stream that keeps the messages a consumer has failed at. */
export const deadLetterStream = (consumer: string): string =>
  `DLQ_${deadLetterNames[consumer] ?? consumer.toUpperCase().replaceAll('-', '_')}`;

const NO_RECORDING = 'none';
export const deadLetterSubject = (consumer: string, recordingId = NO_RECORDING): string =>
  `speakr.dead.${consumer}.${recordingId}`;
/** Reaches one consumer only, whoever else has handled the message. */
export const replaySubject = (consumer: string, type: MessageType): string =>
  `speakr.replay.${consumer}.${type}`;
export const attemptSubject = (consumer: string, messageId: string): string =>
  `speakr.attempts.${consumer}.${messageId}`;

/**
 * The streams of the bus. Nothing that somebody waits for is ever dropped to make room: a full stream refuses what is
 * new, and the outbox keeps it.
 * @param replicas how many servers hold each stream; with one, the server needs `sync_interval: always`
 */
export function busStreams(consumers: readonly string[], replicas: number): DeclaredStream[] {
  const durable = {
    storage: 'file',
    num_replicas: replicas,
    discard: 'new',
    max_msg_size: 64 * 1024,
  } as const;
  return [
    {
      ...durable,
      name: MESSAGES,
      subjects: ['speakr.event.>', 'speakr.command.>', 'speakr.replay.>'],
      retention: 'interest',
      max_bytes: 512 * MEBIBYTE,
      duplicate_window: DUPLICATE_WINDOW_NS,
    },
    {
      ...durable,
      name: ATTEMPTS,
      subjects: ['speakr.attempts.>'],
      retention: 'limits',
      max_msgs_per_subject: 1,
      max_age: 7 * DAY_NS,
      max_bytes: 64 * MEBIBYTE,
      discard: 'old',
      allow_direct: true,
    },
    ...consumers.map(
      (consumer): DeclaredStream => ({
        ...durable,
        name: deadLetterStream(consumer),
        subjects: [`speakr.dead.${consumer}.>`],
        retention: 'limits',
        max_age: 30 * DAY_NS,
        max_bytes: 64 * MEBIBYTE,
        discard: 'old',
        duplicate_window: DUPLICATE_WINDOW_NS,
        allow_direct: true,
      }),
    ),
  ];
}
