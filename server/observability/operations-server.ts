import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SpeakrError } from '@speakr/contracts/problem';
import { type LogLevel, logLevels } from './log.ts';
import type { ReadinessProbe } from './readiness.ts';

export interface OperationsOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly version: string;
  readonly roles: readonly string[];
  readonly readiness: ReadinessProbe;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  readonly logLevel: { level: LogLevel };
}

export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Enough for `{"level":"debug"}`. */
const MOST_BYTES = 1024;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly type?: string;
}

/**
 * What those who run the server ask of one process, whatever its roles: `/health`, `/ready`, `/metrics`, and
 * `/log-level`, which can be set. A port of its own, for the machine or the cluster; it knows no users.
 * @throws SpeakrError `port_taken`
 */
export async function startOperationsServer(options: OperationsOptions): Promise<OperationsServer> {
  const { host, port, version, roles, readiness, metrics, logLevel } = options;

  const answers: Readonly<Record<string, (request: IncomingMessage) => Promise<Answer>>> = {
    'GET /health': async () => ({ status: 200, body: { status: 'ok', version, roles } }),
    'GET /ready': async () => {
      const found = await readiness.look();
      return { status: found.ready ? 200 : 503, body: found };
    },
    'GET /metrics': async () => ({ status: 200, body: await metrics.text(), type: metrics.contentType }),
    'GET /log-level': async () => ({ status: 200, body: { level: logLevel.level } }),
    'PUT /log-level': async (request) => {
      const level = await wantedLevel(request);
      if (level === undefined) return { status: 400, body: { levels: logLevels } };
      logLevel.level = level;
      return { status: 200, body: { level } };
    },
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const [path = ''] = (request.url ?? '').split('?');
    const answer = answers[`${request.method === 'HEAD' ? 'GET' : request.method} ${path}`];
    const { status, body, type } = (await answer?.(request)) ?? {
      status: 404,
      body: { status: 'not found' },
    };
    const text = type === undefined ? `${JSON.stringify(body)}\n` : String(body);
    response.writeHead(status, { 'content-type': type ?? 'application/json', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new SpeakrError('port_taken', `Port ${port} is taken.`, { cause })
          : cause,
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function wantedLevel(request: IncomingMessage): Promise<LogLevel | undefined> {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > MOST_BYTES) return undefined;
  }
  try {
    const { level } = JSON.parse(text) as { level?: unknown };
    return logLevels.find((each) => each === level);
  } catch {
    return undefined;
  }
}
