import type { ConsumerConfig, ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { type MessageType, subjectOf } from '@speakr/contracts/events';
import { apiCode, CONSUMER_NOT_FOUND } from '../nats/nats.ts';
import { MESSAGES } from './jetstream-streams.ts';
import { nameWithoutVersion } from './message-versions.ts';

/** Deliveries of one consumer in the whole fleet that may be under way or wait for another try. */
const MAX_UNDER_WAY = 20_000;
/** Somebody else was faster. */
const CONSUMER_EXISTS = new Set([10013, 10148]);

const TRIES = 5;

/** A version that a newer program publishes must reach somebody who says that it is not understood. */
const anyVersion = (type: MessageType) => `${nameWithoutVersion(subjectOf(type))}*`;

/** Makes a consumer what it is declared to be. Several processes may do it at once. */
export async function declareConsumer(
  jsm: JetStreamManager,
  name: string,
  types: readonly MessageType[],
  leaseMs: number,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const found = await infoOf(jsm, name);
    const changeable = {
      ack_wait: leaseMs * 1e6,
      max_deliver: -1,
      max_ack_pending: MAX_UNDER_WAY,
      filter_subjects: [...new Set(types.map(anyVersion)), `speakr.replay.${name}.>`],
    } satisfies Partial<ConsumerConfig>;
    const fields = Object.keys(changeable) as (keyof typeof changeable)[];
    const isSame = (field: keyof typeof changeable) =>
      JSON.stringify(found?.config[field]) === JSON.stringify(changeable[field]);
    try {
      if (found === undefined)
        await jsm.consumers.add(MESSAGES, {
          durable_name: name,
          ack_policy: 'explicit',
          deliver_policy: 'all',
          ...changeable,
        });
      else if (!fields.every(isSame)) await jsm.consumers.update(MESSAGES, name, changeable);
      return;
    } catch (error) {
      if (tries >= TRIES || !CONSUMER_EXISTS.has(apiCode(error) ?? 0)) throw error;
    }
  }
}

async function infoOf(jsm: JetStreamManager, name: string): Promise<ConsumerInfo | undefined> {
  try {
    return await jsm.consumers.info(MESSAGES, name);
  } catch (error) {
    if (apiCode(error) === CONSUMER_NOT_FOUND) return undefined;
    throw error;
  }
}
