import { describe } from 'node:test';
import { systemClock } from '../clock.ts';
import { testNats } from '../fixtures/services.ts';
import { temporaryStore } from '../fixtures/temporary-store.ts';
import { temporaryNats } from '../fixtures/test-nats.ts';
import { silentLog } from '../observability/log.ts';
import { busSuite } from './bus-suite.ts';
import { createJetStreamBus, type JetStreamBus } from './jetstream-bus.ts';
import { createOutboxTable } from './outbox-table.ts';

const { missing } = await testNats();

describe('hosted', { skip: missing }, () => {
  busSuite('jetstream bus', async () => {
    const { store, remove } = await temporaryStore();
    const { nats, remove: removeNats } = await temporaryNats();
    return {
      store,
      bus: () =>
        createJetStreamBus({
          nats,
          outbox: createOutboxTable(store.outbox, store.writer),
          clock: systemClock,
          log: silentLog,
          declared: {},
          pollMs: 20,
          backoff: () => 0,
        }),
      deadLetters: async (bus) =>
        (await (bus as JetStreamBus).deadLetters()).map(({ consumer, message }) => ({
          consumer,
          messageId: message.id,
        })),
      replay: (bus, consumer) => (bus as JetStreamBus).replay(consumer),
      async close() {
        await removeNats();
        await remove();
      },
    };
  });
});
