import type { Message } from '@speakr/contracts/events';

/** What a line of the log says of a delivery. */
export const deliveryFields = (consumer: string, { type, id, correlationid, subject }: Message) => ({
  consumer,
  type,
  messageId: id,
  correlationId: correlationid,
  ...(subject === undefined ? {} : { recordingId: subject }),
});
