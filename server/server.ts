import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SpeakrError } from '@speakr/contracts/problem';
import { createFileAudioLog } from './audio-log/file-audio-log.ts';
import type { SqliteBus } from './bus/sqlite-bus.ts';
import { createInProcessCaptions } from './captions/in-process-captions.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ServerSettings } from './config.ts';
import { directorySize, fileSize } from './directory-size.ts';
import type { Embedder } from './embedder/embedder.ts';
import { singleToken } from './gateway/access.ts';
import { RESTORABLE_MS } from './gateway/lifecycle.ts';
import type { GatewayServices } from './gateway/services.ts';
import type { SocketTimeouts } from './gateway/stream/socket.ts';
import { type Fetch, inProcessFetch } from './in-process-fetch.ts';
import { createKeyFile } from './keys/key-file.ts';
import type { Models } from './models/models.ts';
import type { NotesWriter } from './notes/notes-writer.ts';
import { type Log, silentLog } from './observability/log.ts';
import { once } from './once.ts';
import { repeat } from './repeat.ts';
import { secretOf } from './secret.ts';
import { openSqliteStore } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';
import type { Recognizer } from './transcriber/recognizer.ts';
import type { Recognizers } from './transcriber/recognizers.ts';
import type { VoiceActivity } from './transcriber/voice-activity.ts';

/** Everything embedded belongs to the one user of the machine. */
const OWNER = 'local';

export interface AppOptions {
  readonly settings: ServerSettings;
  readonly version: string;
  /**
   * `all` works on what comes in; `read` only answers, for a short command in its own process: no worker, no
   * deliveries, and nothing heavy is loaded before it is asked for.
   */
  readonly roles: 'all' | 'read';
  /** Loads the embedder while the rest is put together: the next request will be a search. */
  readonly warmEmbedder?: boolean;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Bearer token; a random one when absent. */
  readonly token?: string;
  readonly timeouts?: SocketTimeouts;
  /** Parts that tests replace. */
  readonly parts?: {
    readonly recognizer?: (model: string) => Recognizer;
    readonly voiceActivity?: VoiceActivity;
    readonly embedder?: Embedder;
  };
}

export interface Activity {
  /** Open sockets, and those of them that feed a recording. */
  readonly sockets: number;
  readonly connections: number;
  readonly jobs: number;
  /** Since the last request. */
  readonly idleMs: number;
}

export interface App {
  readonly token: string;
  /** Answers a request in this process, without a socket. It needs the token like any other. */
  readonly fetch: Fetch;
  /** @returns the port. @throws SpeakrError `port_taken` */
  listen(address: { host: string; port: number }): Promise<number>;
  /** What keeps the server from going away. */
  activity(): Promise<Activity>;
  /** Takes no more, hands back what is under way, and closes. Idempotent. */
  close(): Promise<void>;
}

/** How long work under way may take to hand back what it has, ms. */
const STOP_GRACE_MS = 5000;
/** Longest wait for one answer of the language model that writes notes, ms. */
const NOTES_CALL_MS = 60_000;
const HOUSEKEEPING_MS = 60 * 60 * 1000;
/** A recording whose client vanished keeps its place until it is back; waiting costs next to nothing. */
const MOST_SESSIONS = 500;
const DEFAULT_RECOGNIZER = 'moonshine-tiny-en';
const EMBEDDER = 'all-minilm-l6-v2-int8';
const VOICE_ACTIVITY = 'silero-vad-v6';

/** Builds the server out of its parts. The only place that knows which adapter serves which port. */
export async function createApp(options: AppOptions): Promise<App> {
  const { settings, version, roles, log = silentLog, clock = systemClock, parts = {} } = options;
  const { token = randomBytes(32).toString('base64url') } = options;
  const { dataDir, modelsDir, ffmpeg = 'ffmpeg' } = settings;
  const closers: (() => Promise<unknown>)[] = [];
  /** Runs what has to be undone in reverse order, all of it. */
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse())
      await close().catch((error: unknown) => log.error({ error }, 'a part could not be closed'));
  };

  try {
    const paths = {
      database: join(dataDir, 'speakr.db'),
      key: join(dataDir, 'keys', 'master.key'),
      audioLog: join(dataDir, 'audio-log'),
      archive: join(dataDir, 'audio'),
    };
    const models = once(async (): Promise<Models> => {
      const { createModels } = await import('./models/models.ts');
      return createModels({ modelsDir, mirror: settings.modelsMirror });
    });
    const requireModel = async (id: string) => (await models()).require(id);

    const embedder = once(async (): Promise<Embedder> => {
      const { createMiniLm } = await import('./embedder/minilm.ts');
      const made = parts.embedder ?? createMiniLm({ modelFiles: () => requireModel(EMBEDDER) });
      closers.push(made.close);
      return made;
    });
    // What goes wrong here is told to the request that needs it.
    if (options.warmEmbedder)
      void embedder()
        .then((made) => made.warm())
        .catch(() => {});

    const keys = createKeyFile({ path: paths.key });
    const store = await openSqliteStore({ path: paths.database, keys, clock });
    closers.push(store.close);
    const dataKey = (owner: string, id: string) => store.read(owner, (own) => own.dataKey(id));
    const audioLog = createFileAudioLog({ directory: paths.audioLog, dataKey, log });
    closers.push(audioLog.close);
    const captions = createInProcessCaptions();

    const recognizers = once(async (): Promise<Recognizers> => {
      const { createRecognizers } = await import('./transcriber/recognizers.ts');
      const { create, catalogue } = await recognizerFactory(options, requireModel);
      const made = createRecognizers({ create, catalogue });
      closers.push(made.close);
      return made;
    });

    const search = once(async () => {
      const { createIndexer } = await import('./query/indexer.ts');
      const { createQueryService } = await import('./query/query-service.ts');
      const found = { store, embedder: await embedder(), log };
      const { indexPending } = createIndexer(found);
      const answerWriter = await languageModelAnswers(settings, log);
      return createQueryService({ ...found, indexPending, answerWriter, clock });
    });

    const notes = once(async () => ({ store, clock, log, writer: await notesWriter(options, embedder) }));

    const archive = once(async () => {
      const { createArchive } = await import('./archiver/archive.ts');
      return createArchive({ directory: paths.archive, ffmpeg, audioLog, dataKey });
    });

    let bus: Pick<SqliteBus, 'observe' | 'idle' | 'pending'> = unstartedBus;
    const services: GatewayServices = {
      models: modelsInUse(settings),
      async resolveModel(model, language) {
        const id = model ?? modelsInUse(settings).recognizer;
        (await recognizers()).for(id, language);
        if (parts.recognizer === undefined && settings.recognizer === 'moonshine')
          for (const needed of [id, VOICE_ACTIVITY]) await demandModel(await models(), needed);
        return id;
      },
      query: async (owner, request) => (await search()).query(owner, request),
      async writeNotes(owner, id, request) {
        const { writeNotesNow } = await import('./notes/register-notes.ts');
        return writeNotesNow(await notes(), owner, id, request);
      },
      async *openAudio(owner, id, track, fromSample, signal) {
        yield* (await archive()).open(owner, id, track, fromSample, signal);
      },
      storageSizes: async () => ({
        audioBytes: (await directorySize(paths.audioLog)) + (await directorySize(paths.archive)),
        databaseBytes: (await fileSize(paths.database)) + (await fileSize(`${paths.database}-wal`)),
        modelBytes: await directorySize(modelsDir),
        dataDir,
      }),
      pendingJobs: async () => bus.pending(),
    };

    if (roles === 'all') {
      const { createSqliteBus } = await import('./bus/sqlite-bus.ts');
      const { registerTranscriber } = await import('./transcriber/register-transcriber.ts');
      const { registerIndexer } = await import('./query/indexer.ts');
      const { registerArchiver, archiveLeftovers } = await import('./archiver/register-archiver.ts');
      const { applyRetention } = await import('./store/retention.ts');
      const { purgeDiscarded } = await import('./archiver/purge.ts');
      const sqliteBus = createSqliteBus({ store, clock, log });
      bus = sqliteBus;
      const voiceActivity = parts.voiceActivity ?? (await sileroVoiceActivity(requireModel, log));
      closers.push(voiceActivity.close);
      registerTranscriber({
        bus: sqliteBus,
        store,
        // The log may move to the archive while a recording is transcribed again.
        audioLog: { status: audioLog.status, follow: services.openAudio },
        captions,
        voiceActivity,
        clock,
        log,
        recognizers: await recognizers(),
        openAudio: services.openAudio,
        concurrency: MOST_SESSIONS,
      });
      registerIndexer({ bus: sqliteBus, store, embedder: await embedder(), log });
      const { registerNotes } = await import('./notes/register-notes.ts');
      registerNotes({ bus: sqliteBus, ...(await notes()) });
      registerArchiver({ bus: sqliteBus, store, archive: await archive(), log });
      await sqliteBus.start();
      closers.push(() => sqliteBus.stop(STOP_GRACE_MS));

      const leaving = new AbortController();
      const housekeeping = async () => {
        await purgeDiscarded({ store, owner: OWNER, clock, log, restorableMs: RESTORABLE_MS });
        await applyRetention({
          store,
          owner: OWNER,
          policy: retentionPolicy(settings),
          audioBytes: async (id) =>
            (await directorySize(join(paths.audioLog, id))) + (await directorySize(join(paths.archive, id))),
          clock,
          log,
        });
        const recordingIds = await readdir(paths.audioLog).catch(() => []);
        const signal = leaving.signal;
        await archiveLeftovers({ store, archive: await archive(), log, owner: OWNER, recordingIds, signal });
      };
      closers.push(repeat(housekeeping, HOUSEKEEPING_MS, leaving, log));
    }

    const { createGateway } = await import('./gateway/gateway.ts');
    const gateway = await createGateway({
      store,
      audioLog,
      captions,
      bus,
      services,
      clock,
      log,
      version,
      authenticate: singleToken(token, OWNER),
      timeouts: options.timeouts,
    });
    closers.push(() => gateway.http.close());

    return {
      token,
      fetch: inProcessFetch(gateway.http),
      async listen({ host, port }) {
        try {
          await gateway.http.listen({ host, port });
          const address = gateway.http.server.address();
          return typeof address === 'object' && address !== null ? address.port : port;
        } catch (cause) {
          if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
          throw new SpeakrError('port_taken', `Port ${port} is taken.`, { cause });
        }
      },
      async activity() {
        const waiting = await abandoned(store, gateway.isLive);
        return {
          sockets: gateway.http.websocketServer.clients.size,
          connections: gateway.liveSessions,
          // The transcription of a recording whose client vanished waits for it, over restarts as well.
          jobs: Math.max(0, (await bus.pending()) - waiting),
          idleMs: clock.monotonic() - gateway.lastUsed,
        };
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** For a process that delivers nothing: nobody waits at its socket either. */
const unstartedBus: Pick<SqliteBus, 'observe' | 'idle' | 'pending'> = {
  observe: () => () => {},
  idle: async () => {},
  pending: async () => 0,
};

const DAY_MS = 24 * 60 * 60 * 1000;

const retentionPolicy = ({ retentionDays, retentionBytes }: ServerSettings) => ({
  maxAgeMs: retentionDays === undefined ? undefined : retentionDays * DAY_MS,
  maxBytes: retentionBytes,
});

function modelsInUse({ model, recognizer, recognizerModel, llmModel }: ServerSettings) {
  const own = recognizer === 'openai' ? (recognizerModel ?? '') : DEFAULT_RECOGNIZER;
  return { recognizer: model ?? own, embedder: EMBEDDER, notes: llmModel ?? 'extractive' };
}

/** How many running recordings have no client at the moment. */
async function abandoned(store: Store, isLive: (owner: string, id: string) => boolean): Promise<number> {
  const { recordings } = await store.read(OWNER, (own) =>
    own.listRecordings({ limit: 200, states: ['recording'] }),
  );
  return recordings.filter(({ id }) => !isLive(OWNER, id)).length;
}

/** At first sight, by sizes: a session must not begin with files that cannot work. */
async function demandModel(models: Models, id: string): Promise<void> {
  models.describe(id);
  const info = (await models.list()).find((candidate) => candidate.id === id);
  if (info?.state === 'missing') throw new SpeakrError('model_missing', `The model ${id} is not installed.`);
  if (info?.state === 'invalid') throw new SpeakrError('model_invalid', info.detail);
}

async function recognizerFactory({ settings, log, parts }: AppOptions, requireModel: Models['require']) {
  if (parts?.recognizer !== undefined) return { create: parts.recognizer, catalogue: [] };
  if (settings.recognizer === 'openai') {
    const { createOpenAiRecognizer } = await import('./transcriber/openai-recognizer.ts');
    const apiKey = await secretOf(settings.recognizerKey, settings.recognizerKeyFile);
    const baseUrl = settings.recognizerUrl ?? '';
    return { create: (model: string) => createOpenAiRecognizer({ model, baseUrl, apiKey }), catalogue: [] };
  }
  const { createMoonshineRecognizer } = await import('./transcriber/moonshine-recognizer.ts');
  const { catalogue } = await import('./models/catalogue.ts');
  return {
    create: (model: string) => createMoonshineRecognizer({ model, requireModel, log }),
    catalogue: catalogue.filter(({ kind }) => kind === 'recognizer'),
  };
}

async function sileroVoiceActivity(requireModel: Models['require'], log: Log): Promise<VoiceActivity> {
  const { createSileroVoiceActivity } = await import('./transcriber/voice-activity.ts');
  return createSileroVoiceActivity({ requireModel, log });
}

async function notesWriter(
  { settings, log = silentLog }: AppOptions,
  embedder: () => Promise<Embedder>,
): Promise<NotesWriter> {
  const { llmUrl, llmModel, llmKey, llmKeyFile } = settings;
  if (llmUrl === undefined || llmModel === undefined) {
    const { extractiveWriter } = await import('./notes/extractive-writer.ts');
    return extractiveWriter;
  }
  const { createLanguageModelWriter } = await import('./notes/language-model-writer.ts');
  return createLanguageModelWriter({
    baseUrl: llmUrl,
    model: llmModel,
    apiKey: await secretOf(llmKey, llmKeyFile),
    timeoutMs: NOTES_CALL_MS,
    embed: async (texts) => (await embedder()).embed(texts),
    log,
  });
}

async function languageModelAnswers({ llmUrl, llmModel, llmKey, llmKeyFile }: ServerSettings, log: Log) {
  if (llmUrl === undefined || llmModel === undefined) return undefined;
  const { createAnswerWriter } = await import('./query/answer.ts');
  return createAnswerWriter({ url: llmUrl, model: llmModel, key: await secretOf(llmKey, llmKeyFile), log });
}
