import { setTimeout as sleep } from 'node:timers/promises';
import { SpeakrError } from '@speakr/contracts/problem';
import { directorySize } from '../directory-size.ts';
import type { GatewayServices } from '../gateway/services.ts';
import { createUploads } from '../ingestion/uploads.ts';
import type { Models } from '../models/models.ts';
import type { Policies } from '../policies/policies.ts';
import type { Adapters, AppBus } from './adapters.ts';
import { adminService } from './admin-service.ts';
import type { Foundation } from './app-options.ts';
import type { Features } from './features.ts';
import { isElsewhere } from './model-makers.ts';
import { modelsInUse, VOICE_ACTIVITY } from './models-in-use.ts';
import type { ThisProcess } from './own-process.ts';

/** How long messages are waited for, and how soon they are looked at, ms. */
const HANDLED_MS = 10_000;
const LOOK_MS = 50;
/** Removing the audio of a deleted recording takes a moment, ms. */
const REMOVED_MS = 2000;

/** Joins the gateway to the features. */
export function gatewayServices(
  foundation: Foundation,
  adapters: Adapters,
  features: Features,
  bus: AppBus,
  own: ThisProcess,
  policies: Policies,
): GatewayServices {
  const { settings, parts, clock, log } = foundation;
  const { store, sizes, storage, audioLog, uploadFolder, ownerFolders } = adapters;
  const resolveModel: GatewayServices['resolveModel'] = async (model, language) => {
    const promotions = await features.promotions();
    const id = model ?? (await promotions.serving('recognizer'));
    await (await features.recognizers()).for(id, language);
    const weights = (await promotions.find(id))?.weights ?? id;
    if (parts.recognizer === undefined && settings.recognizer === 'moonshine' && !isElsewhere(weights))
      for (const needed of [weights, VOICE_ACTIVITY]) await demandModel(await features.models(), needed);
    return id;
  };
  const demandRemoved = async (owner: string, id: string) => {
    if (await (await features.archive()).holds(owner, id))
      throw new SpeakrError('being_removed', undefined, { retryAfterMs: REMOVED_MS });
  };
  return {
    profile: settings.profile,
    admin: adminService(foundation, adapters, features, bus, own, policies),
    policyOf: policies.own,
    async models() {
      const promotions = await features.promotions();
      return {
        ...modelsInUse(settings),
        recognizer: await promotions.serving('recognizer'),
        embedder: await promotions.serving('embedder'),
      };
    },
    localProcessing: settings.localProcessing,
    resolveModel,
    uploads: createUploads({
      store,
      storage,
      clock,
      uploadFolder,
      resolveModel,
      demandRemoved,
      async limitsOf(owner) {
        const { uploadBytes, uploadMs } = await policies.of(owner);
        const endless = Number.MAX_SAFE_INTEGER;
        return { maxBytes: uploadBytes || endless, maxDurationMs: uploadMs || endless };
      },
    }),
    query: async (owner, request, running) => (await features.search()).query(owner, request, running),
    async writeNotes(owner, id, request) {
      const { writeNotesNow } = await import('../notes/register-notes.ts');
      const writer = await features.notesWriter();
      const write = await features.writeSegment();
      return writeNotesNow({ store, clock, log, writer, write }, owner, id, request);
    },
    async *openAudio(owner, id, track, fromSample, signal) {
      yield* (await features.archive()).open(owner, id, track, fromSample, signal);
    },
    demandRemoved,
    openUploads: async (owner, signal) =>
      (await import('../ingestion/open-uploads.ts')).openUploads({ store, storage }, owner, signal),
    async removeObjects(owner) {
      await bus.forgetOwner(owner);
      await audioLog.removeAll(owner);
      for (const folder of ownerFolders(owner)) await storage.removeAll(folder);
    },
    async messagesHandled() {
      // Of a fleet the broker keeps what was published, and the outbox of the store is empty in a moment.
      if (settings.profile === 'hosted') return;
      for (let waited = 0; waited < HANDLED_MS && (await bus.pending()) > 0; waited += LOOK_MS)
        await sleep(LOOK_MS);
    },
    storageSizes: async (owner) => ({
      ...(await sizes(owner)),
      modelBytes: await directorySize(settings.modelsDir),
      dataDir: settings.profile === 'embedded' ? settings.dataDir : '',
    }),
    // Of a fleet it would tell of others.
    pendingJobs: settings.profile === 'embedded' ? () => bus.pending() : async () => 0,
  };
}

/** At first sight, by sizes: a session must not begin with files that cannot work. */
export async function demandModel(models: Models, id: string): Promise<void> {
  models.describe(id);
  const info = (await models.list()).find((candidate) => candidate.id === id);
  if (info?.state === 'missing') throw new SpeakrError('model_missing', `The model ${id} is not installed.`);
  if (info?.state === 'invalid') throw new SpeakrError('model_invalid', info.detail);
}
