import { createJetStreamAudioLog } from '../audio-log/jetstream-audio-log.ts';
import { createJetStreamBus } from '../bus/jetstream-bus.ts';
import { createNatsCaptions } from '../captions/nats-captions.ts';
import { createFleetSessions } from '../gateway/stream/fleet-sessions.ts';
import { createKeyFile } from '../keys/key-file.ts';
import type { Keys } from '../keys/keys.ts';
import { createVaultKeys } from '../keys/vault-keys.ts';
import { connectNats } from '../nats/nats.ts';
import { ownerToken } from '../owner-token.ts';
import { secretOf } from '../secret.ts';
import { createS3Storage } from '../storage/s3-storage.ts';
import type { ObjectStorage } from '../storage/storage.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import { hostedStore } from './hosted-store.ts';

/** Everything is elsewhere, and shared with the other processes of the fleet. */
export async function hostedAdapters(foundation: Foundation): Promise<Adapters> {
  const { settings, clock, log, atEnd } = foundation;
  const { natsUrl = '', natsReplicas: replicas } = settings;
  const { store, relay, counters, owners, ping, ...ofTheServer } = await hostedStore(
    foundation,
    hostedKeys(foundation),
  );
  const nats = await connectNats({
    url: natsUrl,
    credentialsFile: settings.natsCredentialsFile,
    caFile: settings.natsCaFile,
    name: `speakr ${settings.roles.join(',')}`,
    log,
  });
  atEnd(nats.close);
  const dataKey = (owner: string, id: string) => store.read(owner, (own) => own.dataKey(id));
  const audioLog = await createJetStreamAudioLog({
    nats,
    dataKey,
    log,
    replicas,
    maxBytes: settings.audioLogBytes,
  });
  atEnd(audioLog.close);
  const storage = await hostedStorage(foundation);
  const audioBytes = async (prefix: string) => {
    let bytes = 0;
    for await (const object of storage.list(prefix)) bytes += object.bytes;
    return bytes;
  };
  const outbox = { onPublished: store.outbox.onPublished, take: relay.take, waiting: relay.waiting };

  return {
    store,
    audioLog,
    checks: {
      database: ping,
      broker: () => nats.jsm.getAccountInfo(),
      // There need not be such an object: an answer is enough.
      storage: () => storage.size('ready'),
    },
    captions: createNatsCaptions(nats),
    liveSessions: createFleetSessions(nats),
    storage,
    archiveFolder,
    ownerFolders: (owner) => [ownerFolder(owner), `uploads/${ownerToken(owner)}/`],
    uploadFolder: (owner, id) => `uploads/${ownerToken(owner)}/${id}/`,
    dataKey,
    counters,
    ...ofTheServer,
    owners,
    bus: async () => createJetStreamBus({ nats, outbox, clock, log, replicas }),
    // What a user may know of a shared database.
    sizes: async (owner) => ({ audioBytes: await audioBytes(ownerFolder(owner)), databaseBytes: 0 }),
    audioBytes: (owner, id) => audioBytes(archiveFolder(owner, id)),
  };
}

const ownerFolder = (owner: string) => `audio/${ownerToken(owner)}/`;
const archiveFolder = (owner: string, recordingId: string) => `${ownerFolder(owner)}${recordingId}/`;

function hostedKeys({ settings }: Foundation): Keys {
  const { vaultUrl, vaultTokenFile = '', vaultNamespace, masterKeyFile = '' } = settings;
  if (vaultUrl === undefined) return createKeyFile({ path: masterKeyFile, protects: [] });
  return createVaultKeys({ url: vaultUrl, tokenFile: vaultTokenFile, namespace: vaultNamespace });
}

async function hostedStorage({ settings }: Foundation): Promise<ObjectStorage> {
  const { s3Endpoint = '', s3AccessKeyId = '', s3SecretKey, s3SecretKeyFile } = settings;
  return createS3Storage({
    endpoint: s3Endpoint,
    region: settings.s3Region,
    bucket: settings.s3Bucket,
    accessKeyId: s3AccessKeyId,
    secretAccessKey: (await secretOf(s3SecretKey, s3SecretKeyFile)) ?? '',
  });
}
