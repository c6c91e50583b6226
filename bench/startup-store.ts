import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { v7 as uuid } from 'uuid';
import { systemClock } from '../server/clock.ts';
import { createMiniLm, MINILM_MODEL } from '../server/embedder/minilm.ts';
import { createKeyFile } from '../server/keys/key-file.ts';
import { createModels } from '../server/models/models.ts';
import { silentLog } from '../server/observability/log.ts';
import { createIndexer } from '../server/query/indexer.ts';
import { openSqliteStore } from '../server/store/sqlite-store.ts';
import { defaultModelsDir } from './models-dir.ts';

export const RECORDINGS = 200;
const SENTENCES_PER_RECORDING = 40;
const OWNER = 'local';

/** Makes a data directory with `RECORDINGS` indexed recordings of about four minutes, from the sentences of the samples. */
export async function fillStore(dataDir: string): Promise<void> {
  const text = await readFile(path.join(import.meta.dirname, '..', 'samples', 'standup.txt'), 'utf8');
  const sentences = text.trim().split('\n');
  const models = createModels({ modelsDir: defaultModelsDir() });
  const embedder = createMiniLm({ modelFiles: () => models.require(MINILM_MODEL) });
  const store = await openSqliteStore({
    path: path.join(dataDir, 'speakr.db'),
    keys: createKeyFile({ path: path.join(dataDir, 'keys', 'master.key') }),
    clock: systemClock,
  });
  try {
    for (let recording = 0; recording < RECORDINGS; recording++) {
      const id = uuid();
      const segments = Array.from({ length: SENTENCES_PER_RECORDING }, (_, index) => ({
        id: `1.0.${index}`,
        track: 0,
        startMs: index * 6000,
        endMs: index * 6000 + 5000,
        // Each recording has its own order, so that passages differ.
        text: sentences[(index * (1 + (recording % 7)) + recording) % sentences.length] ?? '',
      }));
      await store.transaction(OWNER, async (own) => {
        await own.createRecording({
          id,
          title: `Stand-up ${recording + 1}`,
          tags: [],
          mode: 'batch',
          language: 'en',
          model: 'reference',
          template: 'meeting',
          source: 'standup.flac',
          startedAt: systemClock.now() - recording * 86_400_000,
          tracks: [{ track: 0, label: 'file', samples: SENTENCES_PER_RECORDING * 96_000 }],
        });
        await own.beginRevision(id, { revision: 1, origin: 'batch', language: 'en', model: 'reference' });
        await own.putSegments(id, 1, segments);
        await own.completeRevision(id, 1);
        await own.updateRecording(id, { state: 'ready', durationMs: SENTENCES_PER_RECORDING * 6000 });
      });
    }
    await createIndexer({ store, embedder, log: silentLog }).indexPending(OWNER);
  } finally {
    await embedder.close();
    await store.close();
  }
}
