import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { createHttpClient, type HttpClientOptions } from '@speakr/client/http';
import { type SocketLike, startLiveSession } from '@speakr/client/live-session';
import { STREAM_PATH } from '@speakr/contracts/api';
import type { SpeakrClient } from '@speakr/contracts/generated/client';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Admin } from '@speakr/server/composition/open-admin';
import type { JournalReader } from '@speakr/server/journal/journal';
import type { Models } from '@speakr/server/models/models';
import { systemClock } from './clock.ts';
import { type Config, configEnvironment } from './config.ts';
import type { Io } from './io.ts';
import { createAccessToken } from './login/access-token.ts';
import { type Credentials, openCredentials } from './login/credentials.ts';
import type { Fetch } from './login/issuer.ts';
import { failingOver } from './recorder/failover.ts';
import { discardLocal } from './recorder/reconcile.ts';
import { serverPolicy } from './recorder/server-policy.ts';
import type { SpoolEnvironment } from './recorder/spool.ts';
import type { StartUpload } from './recorder/uploader.ts';
import { version } from './version.ts';

/** Everything on this machine belongs to its one user. */
const OWNER = 'local';

export type { LogChunk } from '@speakr/server/audio-log/audio-log';
export type { Journal, JournalReader } from '@speakr/server/journal/journal';
export type { Models } from '@speakr/server/models/models';

export type Api = SpeakrClient;

/** What a command will do: `search` is a `read` that needs the embedder. */
export type ApiNeed = 'read' | 'search' | 'write';

/** Crash-safe audio files; see the server's journal. */
export type Journals = Pick<
  typeof import('@speakr/server/journal/journal'),
  'openJournal' | 'openJournalReader' | 'journalSamples'
>;
export type OpenJournal = () => ReturnType<Journals['openJournal']>;
export type OpenJournalReader = (fromSample: number) => Promise<JournalReader>;

export type AuditReport = Awaited<ReturnType<Admin['verifyAudit']>>;

/** Everything behind the CLI: the server of this machine or one elsewhere, and what they share with the CLI. */
export interface Backend {
  /** See `Context.api`. */
  api(need: ApiNeed): Promise<Api>;
  /** The API of a server that runs already; undefined when none does. */
  runningApi(): Promise<Api | undefined>;
  models(): Promise<Models>;
  readonly spool: SpoolEnvironment;
  /** Begins to upload to the server in use; the one of this machine is started for it. */
  readonly startUpload: StartUpload;
  /** The same for a recording whose audio is kept: when a server elsewhere stays away, this machine goes on. */
  readonly startLiveUpload: StartUpload;
  /** The configured server elsewhere, and the one of this machine that stands in for it. */
  readonly elsewhere?: {
    readonly address: string;
    readonly api: Api;
    /** Logins at such servers, and the way to them. */
    readonly credentials: Credentials;
    readonly fetch: Fetch;
    local(): Promise<Api>;
  };
  /** @throws SpeakrError `not_found`, `conflict`, `disk_full` */
  backup(path: string, passphrase: string): Promise<void>;
  /** @throws SpeakrError `passphrase_wrong`, `recording_running`, `file_missing` */
  restore(path: string, passphrase: string): Promise<void>;
  /**
   * Runs the server in this process until the signal fires: that of this machine, or with the profile `hosted` some roles
   * of a fleet. @throws SpeakrError `port_taken`
   */
  serve(options: {
    port?: number;
    mode: 'foreground' | 'background';
    signal: AbortSignal;
    /** Without a URL it listens to nobody; without a token it knows several. */
    onReady(address: { url?: string; token?: string }): void;
  }): Promise<void>;
  /** For whoever runs the server: its stores themselves, by the settings of this environment. */
  admin(): Promise<Admin>;
  /**
   * Makes what the hosted profile finds in its services. @returns the version of the database's schema
   * @throws SpeakrError `config_invalid`, `database_newer`, `unavailable`, `key_missing`
   */
  prepareHosted(): Promise<number>;
  /** Ends the server of this machine. @throws SpeakrError `recording_running`, `database_locked` */
  stopServer(): Promise<void>;
  /** Empties the log of the background server, which has ids; the server ends when nobody records. */
  eraseLog(): Promise<void>;
  close(): Promise<void>;
}

/** The journal of the server, which the spool shares. */
export const loadJournals = (): Promise<Journals> => import('@speakr/server/journal/journal');

/** A server elsewhere answers within this or is away, ms. */
const ANSWER_MS = 10_000;
/** Notes of a very long recording are fetched within this, ms. */
const NOTES_MS = 30_000;

const STREAM_SUBPROTOCOL = 'speakr.v1';

interface ServerAddress {
  readonly url: string;
  readonly token: HttpClientOptions['token'];
}

/** Everything comes in when it is first used: most commands need little of it. */
export async function openBackend(config: Config, io: Pick<Io, 'env'>): Promise<Backend> {
  const { values, paths } = config;
  const credentials = openCredentials(paths.credentialsFile);
  const closers: (() => Promise<void>)[] = [];
  const serverEnv = { ...io.env, ...configEnvironment(config) };

  /** To a server elsewhere, through proxies; to the one of this machine there is nothing in between. */
  const network = once(async () => {
    const { openNetwork } = await import('./network.ts');
    const opened = openNetwork({ env: io.env, caFile: values.caFile });
    closers.push(opened.close);
    return opened;
  });
  const fetchElsewhere: Fetch = async (url, init) => (await network()).fetch(url, init);

  function addressOf(url: string): ServerAddress {
    const login = () =>
      createAccessToken({ server: url, credentials, fetch: fetchElsewhere, clock: systemClock });
    return { url, token: values.token ?? login() };
  }

  const remote = values.server === undefined ? undefined : addressOf(values.server.replace(/\/+$/, ''));

  const clientOf = (address: ServerAddress): Api =>
    createHttpClient({
      baseUrl: address.url,
      token: address.token,
      ...(address === remote ? { fetch: fetchElsewhere } : {}),
    });

  let warmEmbedder = false;
  /** An app in this process that only answers. */
  const reading = once(async (): Promise<Api> => {
    makeDataDirectory(paths.dataDir);
    const [{ createApp }, { loadServerConfig }] = await Promise.all([
      import('@speakr/server/server'),
      import('@speakr/server/config'),
    ]);
    const { settings } = loadServerConfig({ env: serverEnv });
    const app = await createApp({ settings, version, roles: 'read', warmEmbedder });
    closers.push(app.close);
    return app.clientOf(OWNER);
  });

  const running = async (): Promise<ServerAddress | undefined> =>
    remote ?? (await import('@speakr/server/embedded/ensure-server')).findServer(paths.runtimeDir);
  const ensureLocal = async (): Promise<ServerAddress> => {
    makeDataDirectory(paths.dataDir);
    const { ensureServer } = await import('@speakr/server/embedded/ensure-server');
    return ensureServer({ runtimeDir: paths.runtimeDir, version, spawn: () => spawnServer(config, io.env) });
  };

  const ensure = async () => remote ?? ensureLocal();

  const connect = async (address: ServerAddress): Promise<SocketLike> => {
    // A socket that is refused does not say why; a request does.
    if (address === remote) await clientOf(address).getStatus({}, { signal: AbortSignal.timeout(ANSWER_MS) });
    const target = new URL(STREAM_PATH, address.url);
    target.protocol = target.protocol.replace('http', 'ws');
    const token = typeof address.token === 'string' ? address.token : await address.token();
    if (address === remote) return (await network()).openSocket(target, STREAM_SUBPROTOCOL, token);
    return new WebSocket(target, [STREAM_SUBPROTOCOL, `speakr.token.${token}`]);
  };

  const stopServer = async () =>
    (await import('@speakr/server/embedded/stop-server')).stopServer(paths.runtimeDir);

  const uploadTo =
    (address: () => Promise<ServerAddress>): StartUpload =>
    (options) =>
      startLiveSession({
        ...options,
        connect: async () => connect(await address()),
        fetchNotes: async (recording) =>
          clientOf(await address()).getNotes(
            { params: { recording } },
            { signal: AbortSignal.timeout(NOTES_MS) },
          ),
      });
  const startLiveUpload =
    remote === undefined || values.failover === 'off'
      ? uploadTo(ensure)
      : failingOver({
          remote: uploadTo(async () => remote),
          embedded: uploadTo(ensureLocal),
          server: remote.url,
          afterMs: values.failoverAfter * 1000,
          policy: serverPolicy(join(paths.dataDir, 'servers.json'), remote.url),
          discardLocal: async (id) => discardLocal(clientOf(await ensureLocal()), id),
        });

  return {
    async api(need) {
      warmEmbedder = need === 'search';
      const address = need === 'write' ? await ensure() : await running();
      return address === undefined ? reading() : clientOf(address);
    },
    async runningApi() {
      const address = await running();
      return address === undefined ? undefined : clientOf(address);
    },
    models: once(async () => {
      const { createModels } = await import('@speakr/server/models/models');
      const mirror = values.modelsMirror;
      return createModels({ modelsDir: paths.modelsDir, ...(mirror === undefined ? {} : { mirror }) });
    }),
    spool: {
      spoolDir: paths.spoolDir,
      journals: loadJournals,
      keys: once(async () => {
        const { createKeyFile } = await import('@speakr/server/keys/key-file');
        const keys = createKeyFile({ path: join(paths.dataDir, 'keys', 'master.key') });
        return {
          wrap: (dataKey, recordingId) => keys.wrap(OWNER, dataKey, recordingId),
          unwrap: (wrapped, recordingId) => keys.unwrap(OWNER, wrapped, recordingId),
        };
      }),
    },
    startUpload: uploadTo(ensure),
    startLiveUpload,
    ...(remote === undefined
      ? {}
      : {
          elsewhere: {
            address: remote.url,
            api: clientOf(remote),
            credentials,
            fetch: fetchElsewhere,
            local: async () => clientOf(await ensureLocal()),
          },
        }),
    async backup(to, passphrase) {
      const { backup } = await import('@speakr/server/store/backup');
      await backup({ dataDir: paths.dataDir, to, passphrase });
    },
    async restore(from, passphrase) {
      await stopServer();
      const { restore } = await import('@speakr/server/store/restore');
      await restore({ from, dataDir: paths.dataDir, passphrase, force: true });
    },
    async serve({ port, mode, signal, onReady }) {
      const [{ loadServerConfig }, { createJsonLog }] = await Promise.all([
        import('@speakr/server/config'),
        import('@speakr/server/observability/json-log'),
      ]);
      const { settings } = loadServerConfig({ env: serverEnv, values: port === undefined ? {} : { port } });
      if (settings.profile === 'hosted') {
        const { runHosted } = await import('@speakr/server/hosted/run-hosted');
        const log = createJsonLog({ level: settings.logLevel });
        await runHosted({ settings, version, log, signal, onReady: (url) => onReady({ url }) });
        return;
      }
      const { runServer } = await import('@speakr/server/embedded/run-server');
      const { logFileIn } = await import('@speakr/server/embedded/runtime-file');
      // In the background nobody reads stderr. A server that finds another one running must not touch its log.
      const logFile = mode === 'background' ? { file: logFileIn(paths.runtimeDir) } : {};
      await runServer({
        settings,
        version,
        log: createJsonLog({ level: settings.logLevel, ...logFile }),
        mode,
        signal,
        onReady,
      });
    },
    async admin() {
      const [{ openAdmin }, { loadServerConfig }, { createJsonLog }] = await Promise.all([
        import('@speakr/server/composition/open-admin'),
        import('@speakr/server/config'),
        import('@speakr/server/observability/json-log'),
      ]);
      const { settings } = loadServerConfig({ env: serverEnv });
      return openAdmin({ settings, version, log: createJsonLog({ level: 'warn' }) });
    },
    async prepareHosted() {
      const [{ demandStrongSecrets, prepareHosted }, { loadServerConfig }] = await Promise.all([
        import('@speakr/server/composition/prepare-hosted'),
        import('@speakr/server/config'),
      ]);
      const { settings } = loadServerConfig({ env: serverEnv });
      await demandStrongSecrets(settings);
      return prepareHosted(settings);
    },
    stopServer,
    eraseLog: async () => (await import('@speakr/server/embedded/stop-server')).eraseLog(paths.runtimeDir),
    async close() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

/**
 * Says at once what a server, started and waited for, could say only in its log.
 * @throws SpeakrError `database_inaccessible`
 */
function makeDataDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK);
  } catch (cause) {
    throw new SpeakrError('database_inaccessible', `${dataDir} cannot be made or written to.`, {
      cause,
      hint: 'Name another place with SPEAKR_DATA_DIR, or change the permissions.',
    });
  }
}

/** The server of this machine in a process of its own, which outlives this one. */
function spawnServer(config: Config, env: Io['env']) {
  const { configFile } = config.paths;
  const child = spawn(process.execPath, [...ownProgram(), 'serve', '--background'], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    env: {
      // glibc gives each thread an arena that keeps what was freed in it: with our worker threads that is 200 MB.
      MALLOC_ARENA_MAX: '2',
      ...env,
      ...configEnvironment(config),
      ...(existsSync(configFile) ? { SPEAKR_CONFIG: configFile } : {}),
    },
  });
  child.on('error', () => undefined);
  child.unref();
  return child;
}

/** What Node is to run to run speakr once more; an executable is speakr itself. */
function ownProgram(): string[] {
  if (isSea()) return [];
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('./speakr.mjs', import.meta.url))];
  // The bundle needs no hooks; sources do, but nothing else this process may have been started with.
  const hooks = process.execArgv.filter((word, index, all) =>
    [word, all[index - 1] ?? ''].some((each) => each.startsWith('--import')),
  );
  return [...hooks, fileURLToPath(new URL('./run.ts', import.meta.url))];
}

/** Makes something once; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
