import type { JsMsg } from '@nats-io/jetstream';
import type { Message } from '@speakr/contracts/events';
import type { Clock } from '../clock.ts';
import type { Nats } from '../nats/nats.ts';
import type { Log } from '../observability/log.ts';
import type { AttemptsLog } from './attempts.ts';
import { MAX_FAILURES } from './backoff.ts';
import type { Consumer } from './bus.ts';
import { deliveryFields } from './delivery-fields.ts';
import { errorLabel } from './error-label.ts';
import { type JetStreamDeadLetters, readMessage } from './jetstream-dead-letters.ts';
import { meaningOf, UNSUPPORTED_VERSION } from './message-versions.ts';

/** How long an answer to an acknowledgement may take, ms. */
const ACK_MS = 2000;
const RETRY_MS = 250;
/**
 * A message for which a service is away waits for it, and has not failed: so often, half an hour or more, at pauses that
 * grow no further than to that of so many failures.
 */
const MOST_AWAY = 50;
const LONGEST_AWAY_PAUSE = 4;
/**
 * Deliveries in a row that nobody wrote anything of, after which the message is taken for what kills its handlers. More
 * than failures: as a rule processes are killed and brokers are away for other reasons.
 */
const MOST_SILENT = 20;

const encode = (text: string) => new TextEncoder().encode(text);

/** Another process has the message now: this one must write nothing more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

interface DeliveryOptions {
  readonly nats: Pick<Nats, 'connection'>;
  readonly attempts: AttemptsLog;
  readonly deadLetters: JetStreamDeadLetters;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bus stops. */
  readonly stopping: AbortSignal;
  /** Ms to wait after the n-th failure. */
  readonly backoff: (failures: number) => number;
  /** The broker gives the message to another process when it has heard nothing for so long, ms. */
  readonly leaseMs: number;
  /** A handler that says nothing for so long is given up, ms. */
  readonly silentMs: number;
}

export interface RunningDelivery {
  /** Settles when the outcome is with the broker, or the lease is lost. Never rejects. */
  readonly done: Promise<void>;
  /** Gives it back untouched, whatever the handler does from now on. */
  handBack(): Promise<void>;
}

/** Handles one message for one consumer, and tells the broker what became of it. */
export function runDelivery(options: DeliveryOptions, consumer: Consumer, jsMessage: JsMsg): RunningDelivery {
  const { nats, attempts, deadLetters, clock, log, stopping, backoff, leaseMs } = options;
  const silentMs = consumer.leaseMs ?? options.silentMs;
  const delivery = jsMessage.info.deliveryCount;
  const lost = new AbortController();
  let leaseEnds = clock.monotonic() + leaseMs;
  let leaseTimer: NodeJS.Timeout | undefined;
  let heardAt = clock.monotonic();
  let toldAtWork = false;
  /** The handler runs; telling its outcome to a broker that is away takes as long as it takes. */
  let isHandling = false;
  let seemsHanging = false;
  let isHanging = false;
  /** What came of it before has been read: until then nothing may be written over it. */
  let isKnown = false;
  let failures = 0;
  let wroteAttempts = delivery > 1;
  let settled = false;
  /**
   * The broker did not answer what came of it, though it may extend leases: one that was killed before it wrote down whom
   * it had given the message to takes no outcome of it, ever.
   */
  let isUnanswered = false;

  const lose = () => lost.abort(new LeaseLost());
  const watchLease = () => {
    clearTimeout(leaseTimer);
    const leftMs = leaseEnds - clock.monotonic();
    if (leftMs <= 0) lose();
    else leaseTimer = setTimeout(watchLease, leftMs);
  };

  /** Tells the broker, and waits for its answer: only then it is sure. */
  const tell = (payload: string) =>
    nats.connection.request(replyOf(jsMessage), encode(payload), { timeout: ACK_MS });

  const tellOutcome = async (payload: string) => {
    try {
      await tell(payload);
    } catch (error) {
      isUnanswered = true;
      throw error;
    }
  };

  /** An outcome must reach the broker, else the message is handled again: tried as long as the lease is ours. */
  const settle = async (write: () => Promise<unknown>) => {
    // After a standstill of this process its timers may be late.
    if (clock.monotonic() >= leaseEnds) lose();
    while (!lost.signal.aborted && !settled) {
      try {
        await write();
        settled = true;
        return;
      } catch (error) {
        log.warn({ error: errorLabel(error) }, 'the outcome of a message could not be told; trying again');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };

  let away = 0;

  const record = async (message: Message) => {
    if (!isKnown) return;
    wroteAttempts = true;
    await attempts.write(consumer.name, message.id, { failures, deliveries: delivery, away });
  };
  const again = (message: Message, waitMs: number) =>
    settle(async () => {
      await record(message);
      await tellOutcome(waitMs > 0 ? `-NAK ${JSON.stringify({ delay: Math.round(waitMs * 1e6) })}` : '-NAK');
    });
  /** Asked as long as the message is ours. */
  const before = async (message: Message) => {
    for (;;) {
      try {
        return await attempts.before(consumer.name, message.id, delivery);
      } catch {
        if (lost.signal.aborted || stopping.aborted) return undefined;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };
  const bury = (message: Message | undefined, error: string) =>
    settle(async () => {
      await deadLetters.add(consumer.name, message, jsMessage, error);
      if (message !== undefined && wroteAttempts) await attempts.forget(consumer.name, message.id);
      await tellOutcome(`+TERM ${error}`);
    });

  /** Keeps the message, as long as its handler gets on; that it does not is a failure. */
  async function extend(message: Message | undefined): Promise<void> {
    if (isUnanswered) return;
    const now = clock.monotonic();
    if (isHandling && now - heardAt > silentMs) {
      if (isHanging || message === undefined) return;
      // This process may have stood still itself: then the handler is heard in a moment.
      if (!seemsHanging) {
        seemsHanging = true;
        return;
      }
      isHanging = true;
      failures += 1;
      await record(message).catch(() => {});
      return;
    }
    seemsHanging = false;
    try {
      await tell('+WPI');
      leaseEnds = now + leaseMs;
    } catch (error) {
      log.warn({ consumer: consumer.name, error: errorLabel(error) }, 'a lease could not be extended');
    }
  }

  /** The handler says that it gets on: if this process dies now, the message is not to blame. */
  function working(message: Message): void {
    heardAt = clock.monotonic();
    if (toldAtWork) return;
    toldAtWork = true;
    record(message).catch(() => {
      toldAtWork = false;
    });
  }

  async function run(message: Message | undefined): Promise<void> {
    if (message === undefined) {
      log.error({ consumer: consumer.name, seq: jsMessage.seq }, 'message cannot be read: given up');
      return bury(undefined, 'malformed');
    }
    const fields = deliveryFields(consumer.name, message);
    const meaning = meaningOf(message.type, consumer.types);
    if (meaning === 'passed over') return settle(() => tellOutcome('+ACK'));
    if (meaning === 'unsupported') {
      log.error({ ...fields, error: UNSUPPORTED_VERSION }, 'message of a newer version: given up');
      return bury(message, UNSUPPORTED_VERSION);
    }
    const known = await before(message);
    // The broker is away, or has it back; it will deliver the message again.
    if (known === undefined || lost.signal.aborted) return;
    ({ failures, away } = known);
    isKnown = true;
    const { silent } = known;
    if (failures >= MAX_FAILURES || silent >= MOST_SILENT) {
      log.error({ ...fields, failures, silent }, 'message given up: its handlers died');
      return bury(message, 'process_died');
    }
    heardAt = clock.monotonic();
    isHandling = true;
    try {
      await consumer.handle({
        message,
        attempt: failures + 1,
        signal: AbortSignal.any([stopping, lost.signal]),
        working: () => working(message),
      });
      isHandling = false;
    } catch (error) {
      isHandling = false;
      if (clock.monotonic() >= leaseEnds || (error as { code?: string }).code === 'lease_lost') lose();
      if (lost.signal.aborted) {
        log.warn(fields, 'lease lost: another process goes on');
        return;
      }
      if (stopping.aborted) return again(message, 0);
      if ((error as { code?: string }).code === 'unavailable' && away < MOST_AWAY) {
        away += 1;
        log.warn({ ...fields, away }, 'a service is away; the message waits for it');
        return again(message, backoff(Math.min(away, LONGEST_AWAY_PAUSE)));
      }
      if (!isHanging) failures += 1;
      const told = { ...fields, attempt: failures, error: errorLabel(error) };
      if (failures >= MAX_FAILURES) {
        log.error(told, 'message given up');
        return bury(message, told.error);
      }
      log.warn(told, 'message failed; trying again');
      return again(message, backoff(failures));
    }
    await settle(async () => {
      await tellOutcome('+ACK');
      if (wroteAttempts) await attempts.forget(consumer.name, message.id).catch(() => {});
    });
  }

  const message = parse(jsMessage.data);
  watchLease();
  const extending = setInterval(() => void extend(message), leaseMs / 4);
  const done = run(message)
    .catch((error: unknown) => log.error({ error: errorLabel(error) }, 'delivery failed'))
    .finally(() => {
      clearTimeout(leaseTimer);
      clearInterval(extending);
      settled = true;
    });

  return {
    done,
    async handBack() {
      if (settled) return;
      if (message !== undefined) await again(message, 0);
      lose();
    },
  };
}

/** Where the broker hears what became of a message; the types of the client do not show it. */
const replyOf = (message: JsMsg) => (message as unknown as { reply: string }).reply;

function parse(data: Uint8Array): Message | undefined {
  try {
    return readMessage(JSON.parse(new TextDecoder().decode(data)));
  } catch {
    return undefined;
  }
}
