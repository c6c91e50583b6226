import type { Identity } from '@speakr/contracts/identity';
import { errorTable, SpeakrError } from '@speakr/contracts/problem';
import type { ServerMessage } from '@speakr/contracts/stream';
import type { WebSocket } from 'ws';
import type { Log } from '../../observability/log.ts';
import { demandScope } from '../access.ts';
import { expectedError } from '../problem-reply.ts';
import { readFrames } from './incoming.ts';
import { createSession, type StreamDependencies } from './session.ts';

/** How patient the server is with a silent client, ms. */
export interface SocketTimeouts {
  /** From connecting until `start` comes. */
  readonly startMs: number;
  /** Between pings; a client that has not answered the one before is gone. */
  readonly pingMs: number;
  /** Longest silence towards the client: what it can tell a half-open connection by. */
  readonly heartbeatMs: number;
  /** Between looks whether key or token of the connection are still good. */
  readonly credentialsMs: number;
}

export const socketTimeouts: SocketTimeouts = {
  startMs: 10_000,
  pingMs: 15_000,
  heartbeatMs: 5000,
  credentialsMs: 15_000,
};

/** Close codes of RFC 6455 and its registry, by what the client should do. */
const CloseCode = { normal: 1000, protocol: 1008, internal: 1011, restart: 1012, tryAgain: 1013 } as const;

export interface ServeSocketOptions extends StreamDependencies {
  readonly socket: WebSocket;
  readonly identity: Identity;
  /** Looks once more who it is. @throws SpeakrError `unauthorized` when key or token have ended */
  authenticateAgain(): Promise<unknown>;
  readonly requestId: string;
  readonly log: Log;
  readonly timeouts: SocketTimeouts;
}

/** Serves one connection until it ends; an error is told to the client as a typed message before closing. */
export function serveSocket({
  socket,
  identity,
  authenticateAgain,
  requestId,
  log,
  timeouts,
  ...dependencies
}: ServeSocketOptions): void {
  let ended = false;
  let spoke = false;

  function end(error?: unknown): void {
    if (ended) return;
    ended = true;
    stopTimers();
    if (error === undefined) {
      socket.close(CloseCode.normal);
      return;
    }
    const expected = expectedError(error, log);
    log.info({ code: expected.code, recordingId: session.recordingId }, 'stream ended with an error');
    const message: ServerMessage = { type: 'error', problem: expected.toProblem(requestId) };
    socket.send(JSON.stringify(message), () => {});
    socket.close(closeCodeOf(expected), expected.code);
    // Lets a client that waits for room of its own notice the end, instead of a half-closed connection.
    socket.resume();
  }

  const session = createSession({
    ...dependencies,
    owner: identity.user,
    transmit: (text, done) => {
      spoke = true;
      socket.send(text, done);
    },
    onEnd: end,
  });

  const startTimer = setTimeout(() => {
    end(new SpeakrError('stream_malformed', 'The first message must be start.'));
  }, timeouts.startMs);
  // Once it is here, how long it takes is not the client's doing.
  socket.once('message', () => clearTimeout(startTimer));
  let answered = true;
  const pingTimer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, timeouts.pingMs);
  const heartbeatTimer = setInterval(() => {
    if (!spoke) session.beat();
    spoke = false;
  }, timeouts.heartbeatMs);
  const credentialsTimer = setInterval(() => {
    authenticateAgain().catch((error: unknown) => {
      // Whoever cannot be asked has revoked nothing.
      if (!(error instanceof SpeakrError) || error.code !== 'unauthorized') return;
      const ended = new SpeakrError('unauthorized', 'The key or token of this connection has ended.');
      session.disconnected(ended);
      end(ended);
    });
  }, timeouts.credentialsMs);
  function stopTimers(): void {
    clearTimeout(startTimer);
    clearInterval(credentialsTimer);
    clearInterval(pingTimer);
    clearInterval(heartbeatTimer);
  }

  async function handle(frame: Buffer, isBinary: boolean): Promise<void> {
    demandScope(identity, 'record');
    await session.handle(frame, isBinary);
  }
  readFrames(socket, handle, (error) => {
    session.disconnected(error);
    end(error);
  });
  for (const event of ['pong', 'message'])
    socket.on(event, () => {
      answered = true;
    });
  socket.on('error', (error) => log.info({ code: (error as { code?: string }).code }, 'socket error'));
  socket.on('close', () => {
    stopTimers();
    session.disconnected();
  });
}

function closeCodeOf(error: SpeakrError): number {
  if (error.code === 'internal') return CloseCode.internal;
  return errorTable[error.code].retryable ? CloseCode.tryAgain : CloseCode.protocol;
}

/** Tells a client that the server goes away and will be back. */
export const closeForRestart = (socket: WebSocket): void => socket.close(CloseCode.restart, 'restart');
