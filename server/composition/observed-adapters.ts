import type { Instruments } from '../observability/instruments.ts';
import { createLiveLoad } from '../observability/live-load.ts';
import { observedAudioLog } from '../observability/observed-audio-log.ts';
import { observedBus } from '../observability/observed-bus.ts';
import { observedStorage } from '../observability/observed-storage.ts';
import { observedStore } from '../observability/observed-store.ts';
import type { Adapters, AppBus } from './adapters.ts';

/** The same adapters, measured. Features know nothing of it. */
export function observedAdapters(adapters: Adapters, instruments: Instruments): Adapters {
  const { metrics } = instruments;
  const load = createLiveLoad(metrics);
  const collectQueues = (bus: AppBus) => {
    metrics.collect('speakr_queue_messages', async () =>
      (await bus.queues()).flatMap(({ consumer, waiting, underWay }) => [
        { labels: { consumer, state: 'waiting' }, value: waiting },
        { labels: { consumer, state: 'under-way' }, value: underWay },
      ]),
    );
    metrics.collect('speakr_dead_letters', async () =>
      (await bus.queues()).map(({ consumer, dead }) => ({ labels: { consumer }, value: dead })),
    );
    metrics.collect('speakr_outbox_messages', async () => [{ labels: {}, value: await bus.unsent() }]);
  };
  return {
    ...adapters,
    store: observedStore(adapters.store, instruments),
    audioLog: observedAudioLog(adapters.audioLog, instruments),
    storage: observedStorage(adapters.storage, instruments),
    captions: load.captions(adapters.captions),
    async bus() {
      const bus = await adapters.bus();
      collectQueues(bus);
      return observedBus(bus, {
        ...instruments,
        onHandled(consumer, recordingId) {
          if (consumer === 'transcriber' && recordingId !== undefined) load.ended(recordingId);
        },
      });
    },
  };
}
