import type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Log } from '../observability/log.ts';
import { apiCode, STREAM_NOT_FOUND } from './nats.ts';

/** A stream as it must be. Fields that are not named are the server's to choose. */
export type DeclaredStream = Pick<StreamConfig, 'name' | 'subjects'> & Partial<StreamConfig>;

/** The server does not let these be changed: the stream would have to be made anew, with what is in it. */
const FIXED: readonly (keyof StreamConfig)[] = ['retention', 'storage'];

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Fields in which a stream differs from its declaration. */
export function driftOf(declared: DeclaredStream, actual: StreamConfig): (keyof StreamConfig)[] {
  const fields = Object.keys(declared) as (keyof StreamConfig)[];
  return fields.filter((field) => !same(declared[field], actual[field]));
}

/**
 * Makes the streams what they are declared to be: creates what is missing, and puts right what differs. Several
 * processes may do it at once.
 * @throws SpeakrError `config_invalid` when a stream differs in what cannot be changed, or does not take the change
 */
export async function declareStreams(
  jsm: JetStreamManager,
  declared: readonly DeclaredStream[],
  log: Log,
): Promise<void> {
  for (const stream of declared) {
    const found = await infoOf(jsm, stream.name);
    if (found === undefined) {
      await jsm.streams.add(stream);
      log.info({ stream: stream.name }, 'stream created');
      continue;
    }
    const drift = driftOf(stream, found.config);
    if (drift.length === 0) continue;
    const fixed = drift.filter((field) => FIXED.includes(field));
    if (fixed.length > 0) throw drifted(stream.name, fixed);
    log.warn({ stream: stream.name, fields: drift }, 'stream differs from its declaration: put right');
    const { config } = await jsm.streams.update(stream.name, { ...found.config, ...stream });
    const left = driftOf(stream, config);
    if (left.length > 0) throw drifted(stream.name, left);
  }
}

const drifted = (name: string, fields: readonly string[]) =>
  new SpeakrError(
    'config_invalid',
    `The stream ${name} differs from its declaration in ${fields.join(', ')}.`,
  );

async function infoOf(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (apiCode(error) === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}
