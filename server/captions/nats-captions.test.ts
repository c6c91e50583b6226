import { describe } from 'node:test';
import { testNats } from '../fixtures/services.ts';
import { temporaryNats } from '../fixtures/test-nats.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';
import { captionsSuite } from './captions-suite.ts';
import { createNatsCaptions } from './nats-captions.ts';

const { missing } = await testNats();

describe('hosted', { skip: missing }, () => {
  captionsSuite('nats', async () => {
    const { url, nats, remove } = await temporaryNats();
    const other = await connectNats({ url, name: 'another process', log: silentLog });
    return {
      publisher: createNatsCaptions(nats),
      listener: createNatsCaptions(other),
      async settled() {
        // What one connection has sent is handled before its flush is answered; what is for the other is then sent.
        for (const each of [other, nats, other]) await each.connection.flush();
      },
      async cleanUp() {
        await other.close();
        await remove();
      },
    };
  });
});
