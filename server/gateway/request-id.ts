import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What goes into logs and answers as it came. */
const WELL_FORMED = /^[\w.:-]{8,128}$/;

/** The id a client gave its request, so that both sides' logs can be laid beside each other; else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID();
}
