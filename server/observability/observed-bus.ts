import type { Bus, Consumer, Delivery } from '../bus/bus.ts';
import type { Instruments } from './instruments.ts';

export interface ObservedBusOptions extends Instruments {
  /** Called when a consumer of this process is done with a message, however it went. */
  onHandled?(consumer: string, recordingId: string | undefined): void;
}

/** The bus, measured: each delivery with its outcome, as a span of the trace that its message belongs to. */
export function observedBus<B extends Bus>(bus: B, { metrics, tracing, onHandled }: ObservedBusOptions): B {
  const handled = async (consumer: Consumer, delivery: Delivery) => {
    const { message, signal, attempt } = delivery;
    const began = performance.now();
    let outcome = 'done';
    try {
      await tracing.span(
        `process ${message.type}`,
        {
          kind: 'consumer',
          parent: message.traceparent,
          attributes: {
            'messaging.system': 'speakr',
            'messaging.message.id': message.id,
            'speakr.consumer': consumer.name,
            'speakr.attempt': attempt,
            ...(message.subject === undefined ? {} : { 'speakr.recording': message.subject }),
          },
        },
        () => consumer.handle(delivery),
      );
    } catch (error) {
      outcome = signal.aborted ? 'handed-back' : 'failed';
      throw error;
    } finally {
      const seconds = (performance.now() - began) / 1000;
      metrics.count('speakr_deliveries_total', { consumer: consumer.name, outcome });
      metrics.observe('speakr_delivery_seconds', { consumer: consumer.name }, seconds);
      onHandled?.(consumer.name, message.subject);
    }
  };
  return {
    ...bus,
    consume: (consumer) =>
      bus.consume({
        ...consumer,
        handle: (delivery) => handled(consumer as unknown as Consumer, delivery as Delivery),
      }),
  };
}
