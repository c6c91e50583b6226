import { join } from 'node:path';
import { createFileAudioLog } from '../audio-log/file-audio-log.ts';
import { createInProcessCaptions } from '../captions/in-process-captions.ts';
import { directorySize, fileSize } from '../directory-size.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { createFileStorage } from '../storage/file-storage.ts';
import { createAdministration } from '../store/administration-queries.ts';
import { modelRegistryQueries } from '../store/model-registry-queries.ts';
import { createPolicyTable } from '../store/policy-queries.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import { OWNER } from './owner.ts';

/** Everything in the data directory of one user. */
export async function embeddedAdapters(foundation: Foundation): Promise<Adapters> {
  const { settings, clock, log, atEnd, instruments } = foundation;
  const { dataDir } = settings;
  const database = join(dataDir, 'speakr.db');
  const logDir = join(dataDir, 'audio-log');
  const archiveDir = join(dataDir, 'audio');

  const keys = createKeyFile({ path: join(dataDir, 'keys', 'master.key') });
  const store = await openSqliteStore({
    path: database,
    keys,
    clock,
    traceparent: instruments.tracing.traceparent,
  });
  atEnd(store.close);
  const dataKey = (owner: string, id: string) => store.read(owner, (own) => own.dataKey(id));
  const audioLog = createFileAudioLog({ directory: logDir, dataKey, log });
  atEnd(audioLog.close);

  return {
    store,
    audioLog,
    dataKey,
    captions: createInProcessCaptions(),
    async bus() {
      const { createSqliteBus } = await import('../bus/sqlite-bus.ts');
      return createSqliteBus({ store, clock, log });
    },
    storage: createFileStorage({ directory: dataDir }),
    archiveFolder: (_, id) => `audio/${id}/`,
    uploadFolder: (_, id) => `uploads/${id}/`,
    ownerFolders: () => ['audio/', 'uploads/'],
    sizes: async () => ({
      audioBytes: (await directorySize(logDir)) + (await directorySize(archiveDir)),
      databaseBytes: (await fileSize(database)) + (await fileSize(`${database}-wal`)),
    }),
    checks: { database: () => store.read(OWNER, (own) => own.getVocabulary()) },
    administration: createAdministration({ reader: store.reader, now: clock.now, slots: false }),
    modelRegistry: modelRegistryQueries({ db: store.reader, owner: OWNER, clock }),
    policyTable: createPolicyTable({ reader: store.reader, writer: store.writer, clock }),
    owners: async () => [OWNER],
    audioBytes: async (_, id) =>
      (await directorySize(join(logDir, id))) + (await directorySize(join(archiveDir, id))),
  };
}
