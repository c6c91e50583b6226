import { readFile } from 'node:fs/promises';
import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Log } from '../observability/log.ts';

export interface NatsOptions {
  /** One or more, separated by commas: `nats://host:4222`, `tls://user:password@host:4222`. */
  readonly url: string;
  /** Credentials file of the account. */
  readonly credentialsFile?: string;
  /** Own certificate authority, PEM. */
  readonly caFile?: string;
  /** What the server calls this connection. */
  readonly name: string;
  readonly log: Log;
}

/** One connection to NATS, which comes back by itself for ever. */
export interface Nats {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** False while the connection is broken. */
  readonly connected: boolean;
  /** Called when the connection is back after a break: what is not durable may have been missed. */
  onReconnect(listener: () => void): () => void;
  /** Sends what is buffered, then closes. */
  close(): Promise<void>;
}

/** Between tries to connect again, ms; the jitter keeps a fleet from coming back in one moment. */
const RECONNECT_WAIT_MS = 250;
const RECONNECT_JITTER_MS = 250;
/** A peer that has not answered two pings is gone. */
const PING_INTERVAL_MS = 5000;
const CLOSE_MS = 2000;

/** @throws SpeakrError `unavailable` */
export async function connectNats(options: NatsOptions): Promise<Nats> {
  const { url, credentialsFile, caFile, name, log } = options;
  const urls = url.split(',').map((server) => new URL(server.trim()));
  const { username = '', password = '', protocol } = urls[0] ?? {};
  const connection = await connect({
    servers: urls.map(({ host }) => host),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    pingInterval: PING_INTERVAL_MS,
    // They cost a stack with every request, whether it fails or not.
    noAsyncTraces: true,
    ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    ...(credentialsFile === undefined
      ? {}
      : { authenticator: credsAuthenticator(await readFile(credentialsFile)) }),
    ...(protocol === 'tls:' || caFile !== undefined
      ? { tls: caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') } }
      : {}),
  }).catch((cause: unknown) => {
    throw new SpeakrError('unavailable', 'NATS does not answer.', { cause });
  });
  const js = jetstream(connection);
  const jsm = await jetstreamManager(connection).catch(async (cause: unknown) => {
    await connection.close();
    throw new SpeakrError('unavailable', 'NATS has no JetStream.', { cause });
  });

  let connected = true;
  const listeners = new Set<() => void>();
  const watch = async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') {
        if (connected) log.warn({}, 'NATS is away');
        connected = false;
      } else if (type === 'reconnect') {
        connected = true;
        log.info({}, 'NATS is back');
        for (const listener of listeners) listener();
      }
    }
  };
  void watch();

  return {
    connection,
    js,
    jsm,
    get connected() {
      return connected;
    },
    onReconnect(listener) {
      const entry = () => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    async close() {
      // Draining waits for a server that may be away.
      const drained = connection.drain().catch(() => {});
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([drained, late]);
      clearTimeout(timer);
      await connection.close();
    },
  };
}

/** JetStream's own number of an error (its `err_code`), undefined when it is no answer of JetStream. */
export const apiCode = (error: unknown): number | undefined =>
  error instanceof JetStreamApiError ? error.code : undefined;

/** Something else than expected was last on the subject. */
export const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);
/** There is no such consumer. */
export const CONSUMER_NOT_FOUND = 10014;
/** There is no such stream. */
export const STREAM_NOT_FOUND = 10059;
