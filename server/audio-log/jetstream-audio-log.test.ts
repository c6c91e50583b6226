import { describe } from 'node:test';
import { testNats } from '../fixtures/services.ts';
import { temporaryNats } from '../fixtures/test-nats.ts';
import { connectNats } from '../nats/nats.ts';
import { silentLog } from '../observability/log.ts';
import { audioLogSuite } from './audio-log-suite.ts';
import { createJetStreamAudioLog } from './jetstream-audio-log.ts';

const { missing } = await testNats();
const dataKey = async () => new Uint8Array(32).fill(3);
const MAX_BYTES = 256 * 1024 * 1024;

describe('hosted', { skip: missing }, () => {
  audioLogSuite('jetstream', async () => {
    const { url, nats, remove } = await temporaryNats();
    let mine = nats;
    const open = () => createJetStreamAudioLog({ nats: mine, dataKey, log: silentLog, maxBytes: MAX_BYTES });
    let audioLog = await open();
    return {
      audioLog,
      async restart() {
        await audioLog.close();
        if (mine !== nats) await mine.close();
        mine = await connectNats({ url, name: 'test again', log: silentLog });
        audioLog = await open();
        return audioLog;
      },
      async cleanUp() {
        await audioLog.close();
        if (mine !== nats) await mine.close();
        await remove();
      },
    };
  });
});
