import websocket from '@fastify/websocket';
import { ADMIN_ALIAS } from '@speakr/contracts/admin';
import { STREAM_PATH } from '@speakr/contracts/api';
import { type Identity, LOGIN_PATH, type LoginMetadata } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import { MAX_MESSAGE_BYTES } from '@speakr/contracts/stream';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { AudioLog } from '../audio-log/audio-log.ts';
import type { Bus } from '../bus/bus.ts';
import type { Captions } from '../captions/captions.ts';
import type { Clock } from '../clock.ts';
import { type Instruments, instrumentsOff } from '../observability/instruments.ts';
import type { Log } from '../observability/log.ts';
import type { Store } from '../store/store.ts';
import { authenticateRequest, checkHostAndOrigin, STREAM_SUBPROTOCOL } from './access.ts';
import type { Api } from './api.ts';
import { methodsOf, registerApiRoutes } from './api-routes.ts';
import { crossOrigin } from './cross-origin.ts';
import type { GatewayLimits } from './gateway-limits.ts';
import { type Authenticate, everything } from './identity/authenticate.ts';
import type { LegacyUser } from './identity/legacy-user.ts';
import { registerLegacyPaths } from './legacy-paths.ts';
import { replyWithProblem } from './problem-reply.ts';
import { requestIdOf } from './request-id.ts';
import { observeRequests } from './request-observation.ts';
import { setSecurityHeaders } from './security-headers.ts';
import type { GatewayServices } from './services.ts';
import { closeForRestart, type SocketTimeouts, serveSocket, socketTimeouts } from './stream/socket.ts';
import { answerUnreadable } from './unreadable-request.ts';

export interface GatewayOptions {
  readonly api: Api;
  readonly store: Store;
  readonly audioLog: AudioLog;
  readonly captions: Captions;
  readonly bus: Pick<Bus, 'observe' | 'idle'>;
  readonly services: GatewayServices;
  readonly authenticate: Authenticate;
  /** How to log in; absent where tokens are given out otherwise. */
  readonly login?: LoginMetadata;
  /** Refuses other names of this server than those of the loopback interface, and pages of others. */
  readonly loopbackOnly: boolean;
  /** Absent where there is one user. */
  readonly limits?: GatewayLimits;
  /** Whose `X-Forwarded-For` is believed: addresses and networks, joined by commas. */
  readonly trustedProxies?: string;
  /** Origins of web pages that may use it from a browser. */
  readonly origins?: readonly string[];
  /** Absent unless it was asked for. */
  readonly legacyUser?: LegacyUser;
  /** When paths without a version end, ms since the Unix epoch. */
  readonly legacyPathsUntilMs?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly timeouts?: SocketTimeouts;
  readonly requestTimeouts?: RequestTimeouts;
  readonly instruments?: Instruments;
}

export interface Gateway {
  /** The HTTP server, not listening yet. */
  readonly http: FastifyInstance;
  /** When something was last asked of it, on the monotonic clock. */
  readonly lastUsed: number;
}

/** Largest HTTP body, bytes: an edit of every segment of a five-hour transcript. */
const BODY_BYTES = 2 * 1024 * 1024;
/** How long a request may take to come, ms. */
export interface RequestTimeouts {
  /** Its head; and all of it. Whoever takes longer holds a connection and nothing else. */
  readonly headMs: number;
  readonly wholeMs: number;
  /** How often that is looked at. */
  readonly lookMs: number;
}
export const requestTimeouts: RequestTimeouts = { headMs: 15_000, wholeMs: 10 * 60_000, lookMs: 5000 };
/** Larger frames break the connection without a typed error. */
const FRAME_BYTES = 4 * MAX_MESSAGE_BYTES;

/** HTTP API and live socket. Everything but `/health` needs a token. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { store, audioLog, captions, bus, services, authenticate, login, loopbackOnly, clock, log, version } =
    options;
  const { handlers, lifecycle, liveSessions, noteAccess } = options.api;
  const { timeouts = socketTimeouts, legacyUser, limits } = options;
  const { instruments = instrumentsOff, requestTimeouts: slow = requestTimeouts } = options;
  const identities = new WeakMap<FastifyRequest, Identity>();
  /** Answered to everybody. */
  const open = new Set(['/health', ...(login === undefined ? [] : [LOGIN_PATH])]);
  const pages = crossOrigin(options.origins ?? []);
  let lastUsed = clock.monotonic();

  const http = Fastify({
    bodyLimit: BODY_BYTES,
    trustProxy: options.trustedProxies ?? false,
    forceCloseConnections: true,
    genReqId: requestIdOf,
    rewriteUrl: ({ url = '/' }) =>
      url.startsWith(ADMIN_ALIAS.from) ? ADMIN_ALIAS.to + url.slice(ADMIN_ALIAS.from.length) : url,
    // Not among those of Node, where Fastify would set it to none.
    requestTimeout: slow.wholeMs,
    http: {
      headersTimeout: slow.headMs,
      connectionsCheckingInterval: slow.lookMs,
    },
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      replyWithProblem(error, request, reply, log, login !== undefined);
    },
    // The contract checks lengths, with a typed error.
    routerOptions: { maxParamLength: 10_000 },
  });

  http.setErrorHandler((error, request, reply) =>
    replyWithProblem(error, request, reply, log, login !== undefined),
  );
  http.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const methods = methodsOf(path);
    if (methods.length > 0) reply.header('allow', methods.join(', '));
    const error = new SpeakrError(methods.length > 0 ? 'method_not_allowed' : 'not_found');
    return replyWithProblem(error, request, reply, log, login !== undefined);
  });
  const identityOf = (request: FastifyRequest): Identity => {
    const identity = identities.get(request);
    if (identity === undefined) throw new Error('the request was not authenticated');
    return identity;
  };

  const known = (request: FastifyRequest) =>
    authenticateRequest(request, authenticate).catch(async (error: unknown) => {
      if (error instanceof SpeakrError && error.code === 'unauthorized') await limits?.stranger(request.ip);
      throw error;
    });

  await http.register(websocket, {
    options: {
      maxPayload: FRAME_BYTES,
      handleProtocols: (offered) => (offered.has(STREAM_SUBPROTOCOL) ? STREAM_SUBPROTOCOL : false),
    },
    preClose(done) {
      for (const socket of http.websocketServer.clients) closeForRestart(socket);
      http.websocketServer.close(() => done());
      // A client that does not answer the close must not keep the server.
      setTimeout(() => {
        for (const socket of http.websocketServer.clients) socket.terminate();
      }, 1000).unref();
    },
  });

  observeRequests(http, instruments, log);
  // After the plugin, which closes the socket of a refused upgrade only when its own hook came first.
  http.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    setSecurityHeaders(request, reply);
    if (loopbackOnly) checkHostAndOrigin(request, options.origins);
    if (pages.check(request, reply)) return reply.send();
    if (open.has(request.url)) return;
    await limits?.address(request.ip);
    const legacy = legacyUser?.(request);
    identities.set(request, legacy === undefined ? await known(request) : everything(legacy, 'header'));
    await limits?.user(identityOf(request).user);
    if (services.profile === 'hosted') await store.welcome(identityOf(request).user);
    lastUsed = clock.monotonic();
  });
  http.get('/health', async () => ({ status: 'ok', version }));
  if (login !== undefined) http.get(LOGIN_PATH, async () => login);
  http.get(STREAM_PATH, { websocket: true }, (socket, request) =>
    serveSocket({
      socket,
      identity: identityOf(request),
      authenticateAgain: async () =>
        identityOf(request).method === 'header' ? undefined : authenticateRequest(request, authenticate),
      requestId: request.id,
      log: log.child({ requestId: request.id }),
      timeouts,
      store,
      audioLog,
      captions,
      bus,
      lifecycle,
      liveSessions,
      noteAccess,
      services,
      limits,
      tracing: instruments.tracing,
    }),
  );
  registerLegacyPaths(http, {
    sunsetMs: options.legacyPathsUntilMs,
    now: clock.now,
    metrics: instruments.metrics,
  });
  registerApiRoutes(http, handlers, store, identityOf, noteAccess, log);
  await http.ready();

  return {
    http,
    get lastUsed() {
      return lastUsed;
    },
  };
}
