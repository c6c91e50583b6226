import {
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node';
import { SpeakrError } from '@speakr/contracts/problem';
import { apiCode } from './nats.ts';

const AWAY = [
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
];
/** JetStream is starting, or has no leader. */
const NOT_NOW = new Set([10008, 10009]);

/**
 * Waits for an answer of the broker.
 * @throws SpeakrError `unavailable` when there is none; what the broker answers stays as it is
 */
export async function askBroker<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    if (AWAY.some((away) => cause instanceof away) || NOT_NOW.has(apiCode(cause) ?? 0))
      throw new SpeakrError('unavailable', 'The broker does not answer.', { cause });
    throw cause;
  }
}
