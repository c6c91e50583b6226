import { randomBytes } from 'node:crypto';
import type { SpeakrClient } from '@speakr/contracts/generated/client';
import type { LoginMetadata } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import { systemClock } from './clock.ts';
import type { Adapters, AppBus } from './composition/adapters.ts';
import { adaptersOf } from './composition/adapters-of.ts';
import type { AppOptions, Foundation } from './composition/app-options.ts';
import { createFeatures } from './composition/features.ts';
import { gatewayServices } from './composition/gateway-services.ts';
import { instrumentsOf } from './composition/instruments-of.ts';
import { ownProcess } from './composition/own-process.ts';
import { OWNER } from './composition/owner.ts';
import { policyDefaults } from './composition/policy-defaults.ts';
import { type RoleName, roleNames } from './config.ts';
import { createApi } from './gateway/api.ts';
import { directClient } from './gateway/direct-client.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { GatewayLimits } from './gateway/gateway-limits.ts';
import {
  type Authenticate,
  authenticateBy,
  everything,
  singleToken,
} from './gateway/identity/authenticate.ts';
import { createLegacyUser } from './gateway/identity/legacy-user.ts';
import { trackJobs } from './jobs/track-jobs.ts';
import { instrumentsOff } from './observability/instruments.ts';
import { silentLog } from './observability/log.ts';
import { createPolicies, type Policies } from './policies/policies.ts';
import type { StartRole } from './roles/role.ts';
import type { Store } from './store/store.ts';

export type { AppOptions } from './composition/app-options.ts';

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
  /** The API for a user, in this process and without HTTP. */
  clientOf(user: string): SpeakrClient;
  /** For a process with the role `gateway`. @returns the port. @throws SpeakrError `port_taken` */
  listen(address: { host: string; port: number }): Promise<number>;
  /** Where it tells how it is, when it does. */
  readonly operationsPort: number | undefined;
  /** What keeps the server from going away. */
  activity(): Promise<Activity>;
  /** Takes no more, hands back what is under way, and closes. Idempotent. */
  close(): Promise<void>;
}

/** How long work under way may take to hand back what it has, ms. */
const STOP_GRACE_MS = 5000;

/** Loaded when they start: a process that only reads needs none of them. */
const roles: Readonly<Record<Exclude<RoleName, 'gateway'>, () => Promise<{ start: StartRole }>>> = {
  ingestion: () => import('./roles/ingestion.ts'),
  transcriber: () => import('./roles/transcriber.ts'),
  nlp: () => import('./roles/nlp.ts'),
  embedder: () => import('./roles/embedder.ts'),
  notes: () => import('./roles/notes.ts'),
  archiver: () => import('./roles/archiver.ts'),
  admin: () => import('./roles/admin.ts'),
};

/** Builds the server out of its parts: adapters for the ports, features on them, roles that put them to work. */
export async function createApp(options: AppOptions): Promise<App> {
  const { version, log = silentLog, clock = systemClock, parts = {} } = options;
  const { token = randomBytes(32).toString('base64url') } = options;
  const startedAt = clock.monotonic();
  const closers: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse())
      await close().catch((error: unknown) => log.error({ error }, 'a part could not be closed'));
  };
  const mine = options.roles === 'all' ? roleNames : options.roles === 'read' ? [] : options.roles;
  const instruments =
    mine.length === 0
      ? instrumentsOff
      : await instrumentsOf(options.settings, {
          version,
          roles: mine,
          monotonic: () => clock.monotonic(),
        });
  const { metrics, tracing } = instruments;
  closers.push(tracing.close);
  const foundation: Foundation = {
    ...options,
    instruments,
    log,
    clock,
    parts,
    atEnd: (close) => void closers.push(close),
  };

  try {
    const made = await adaptersOf(foundation);
    const policies = createPolicies({
      table: made.policyTable,
      defaults: policyDefaults(options.settings),
      store: made.store,
      clock,
    });
    const plain =
      // What only answers writes nothing.
      mine.length === 0 && options.settings.redaction.length === 0
        ? made
        : (await import('./composition/redacted-adapters.ts')).redactedAdapters(made, policies, metrics);
    const adapters = instruments.on
      ? (await import('./composition/observed-adapters.ts')).observedAdapters(plain, instruments)
      : plain;
    const { store } = adapters;
    const features = createFeatures(foundation, adapters);
    // What goes wrong here is told to the request that needs it.
    if (options.warmEmbedder)
      void features
        .embedder()
        .then((made) => made.warm())
        .catch(() => {});

    const bus = mine.length > 0 ? trackJobs(await adapters.bus(), { store, clock, log }) : undeliveringBus;
    const own = ownProcess(foundation, mine, features);
    const services = gatewayServices(foundation, adapters, features, bus, own, policies);
    if (mine.length > 0) {
      const leaving = new AbortController();
      for (const name of mine) {
        if (name === 'gateway') continue;
        const role = await roles[name]();
        await role.start({ ...foundation, adapters, features, services, policies, bus }, leaving.signal);
      }
      await bus.start();
      if (adapters.processes !== undefined) {
        const { startHeartbeats } = await import('./admin/heartbeats.ts');
        closers.push(startHeartbeats({ ...own, table: adapters.processes, clock, log }, leaving.signal));
      }
      closers.push(() => {
        leaving.abort();
        return bus.stop(STOP_GRACE_MS);
      });
    }

    const limits = await limitsOf(foundation, adapters, policies);
    const api = createApi({ ...adapters, services, clock, log, version, unfinished: limits?.unfinished });
    let gateway: Gateway | undefined;
    if (mine.includes('gateway')) {
      const { createGateway } = await import('./gateway/gateway.ts');
      gateway = await createGateway({
        ...adapters,
        api,
        bus,
        services,
        clock,
        log,
        version,
        authenticate: await authenticator(foundation, store, token),
        login: loginMetadata(options.settings),
        limits,
        trustedProxies: options.settings.trustedProxies,
        origins: options.settings.corsOrigins,
        loopbackOnly: options.settings.profile === 'embedded',
        legacyUser: options.settings.legacyUserHeader ? createLegacyUser({ log, metrics }) : undefined,
        legacyPathsUntilMs: dayMs(options.settings.legacyPathsUntil),
        timeouts: options.timeouts,
        instruments,
      });
      const { http } = gateway;
      closers.push(() => http.close());
    }
    const sockets = () => gateway?.http.websocketServer.clients.size ?? 0;
    metrics.collect('speakr_live_sessions', async () => [{ labels: {}, value: api.liveSessions.count }]);
    metrics.collect('speakr_sockets', async () => [{ labels: {}, value: sockets() }]);
    const { startOperations } = await import('./composition/operations.ts');
    const operations = await startOperations(foundation, mine, adapters, features);
    if (operations !== undefined) closers.unshift(operations.close);
    const close = async () => {
      operations?.drain();
      await closeAll();
    };

    return {
      token,
      operationsPort: operations?.port,
      clientOf: (user) => directClient(api.handlers, everything(user, 'token', ['admin'])),
      async listen({ host, port }) {
        if (gateway === undefined) throw new Error('only a gateway listens');
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
        const waiting = await abandoned(store, api.liveSessions.isLive);
        return {
          sockets: sockets(),
          connections: api.liveSessions.count,
          // The transcription of a recording whose client vanished waits for it, over restarts as well.
          jobs: Math.max(0, (await bus.pending()) - waiting),
          idleMs: clock.monotonic() - (gateway?.lastUsed ?? startedAt),
        };
      },
      close,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function authenticator(
  { settings, clock, log }: Foundation,
  store: Store,
  token: string,
): Promise<Authenticate> {
  const { profile, tokensFile, oidcIssuer: issuer, oidcAudience: audience = '' } = settings;
  const administrators = { claim: settings.oidcRolesClaim, role: settings.oidcAdminRole };
  const { createApiKeyAuthenticate } = await import('./gateway/identity/api-key.ts');
  const keys = createApiKeyAuthenticate({ store, clock, log });
  if (profile === 'embedded')
    return authenticateBy({ keys, jwt: undefined, tokens: singleToken(token, OWNER) });
  const { readTokens } = await import('./gateway/identity/token-file.ts');
  const { createJwtAuthenticate } = await import('./gateway/identity/jwt.ts');
  return authenticateBy({
    keys,
    tokens: tokensFile === undefined ? undefined : await readTokens(tokensFile),
    jwt:
      issuer === undefined
        ? undefined
        : createJwtAuthenticate({ issuer, audience, administrators, clock, log }),
  });
}

async function limitsOf(
  { settings, clock, log }: Foundation,
  { counters }: Adapters,
  policies: Policies,
): Promise<GatewayLimits | undefined> {
  if (counters === undefined) return undefined;
  const { createGatewayLimits } = await import('./gateway/gateway-limits.ts');
  const { createRateLimiter } = await import('./limits/rate-limiter.ts');
  return createGatewayLimits({
    limiter: createRateLimiter({
      buckets: counters.buckets,
      monotonic: () => clock.monotonic(),
      onError: (error) => log.warn({ error }, 'the rate limits cannot be counted; everything is let through'),
    }),
    slots: counters.slots,
    policyOf: policies.of,
    perAddress: settings.ratePerAddress,
  });
}

const dayMs = (day: string | undefined): number | undefined =>
  day === undefined ? undefined : Date.parse(day);

function loginMetadata(settings: AppOptions['settings']): LoginMetadata | undefined {
  const { profile, oidcIssuer, oidcAudience = '', oidcClientId, oidcScopes } = settings;
  if (profile === 'embedded' || oidcIssuer === undefined) return undefined;
  return {
    resource: oidcAudience,
    authorization_servers: [oidcIssuer],
    bearer_methods_supported: ['header'],
    scopes_supported: oidcScopes.split(/\s+/),
    speakr_client_id: oidcClientId,
  };
}

/** For a process that delivers nothing: nobody waits at its socket either. */
const undeliveringBus: AppBus = {
  consume: () => {},
  observe: () => () => {},
  start: async () => {},
  idle: async () => {},
  stop: async () => {},
  pending: async () => 0,
  queues: async () => [],
  unsent: async () => 0,
  deadLetters: async () => [],
  replay: async () => 0,
  forgetOwner: async () => {},
};

/** How many running recordings have no client at the moment. */
async function abandoned(store: Store, isLive: (owner: string, id: string) => boolean): Promise<number> {
  const { recordings } = await store.read(OWNER, (own) =>
    own.listRecordings({ limit: 200, states: ['recording'] }),
  );
  return recordings.filter(({ id }) => !isLive(OWNER, id)).length;
}
