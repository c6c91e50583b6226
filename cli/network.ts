import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import type { SocketLike } from '@speakr/client/live-session';
import { SpeakrError } from '@speakr/contracts/problem';
import { EnvHttpProxyAgent, fetch, WebSocket } from 'undici';
import type { Fetch } from './login/issuer.ts';

/** The way to servers elsewhere. */
export interface Network {
  /** @throws SpeakrError `unreachable` with a reason where there is a better one than that nobody answers */
  readonly fetch: Fetch;
  /** Opens a live socket with a bearer token. */
  openSocket(url: URL, protocol: string, token: string): SocketLike;
  close(): Promise<void>;
}

export interface NetworkOptions {
  /** `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Certificates (PEM) to trust besides those of Node and `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string | undefined;
}

/** @throws SpeakrError `config_invalid` when the certificates cannot be read */
export function openNetwork({ env, caFile }: NetworkOptions): Network {
  const either = (name: string) => env[name] ?? env[name.toUpperCase()] ?? '';
  const trust = caFile === undefined ? {} : { ca: [...getCACertificates('default'), certificates(caFile)] };
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: either('http_proxy'),
    httpsProxy: either('https_proxy'),
    noProxy: either('no_proxy'),
    // A proxy that reads along could not upgrade a connection to a socket.
    proxyTunnel: true,
    connect: trust,
    requestTls: trust,
    proxyTls: trust,
  });
  return {
    async fetch(url, init) {
      try {
        // The same interfaces, declared twice: by undici and by Node, whose own copy goes through no proxy.
        return (await fetch(url, { ...(init as object), dispatcher })) as unknown as Response;
      } catch (error) {
        throw reasonOf(error, new URL(url).origin) ?? error;
      }
    },
    openSocket: (url, protocol, token) =>
      new WebSocket(url, {
        protocols: [protocol],
        dispatcher,
        headers: { authorization: `Bearer ${token}` },
      }) as unknown as SocketLike,
    close: () => dispatcher.destroy(),
  };
}

function certificates(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SpeakrError('config_invalid', `The certificates in ${path} cannot be read (${code}).`, {
      cause,
    });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new SpeakrError('config_invalid', `There is no certificate (PEM) in ${path}.`);
  return text;
}

/** What OpenSSL says of certificates that are not trusted, as Node names it. */
const UNTRUSTED = /CERT|SIGNATURE|ALTNAME/;

function reasonOf(error: unknown, origin: string): SpeakrError | undefined {
  for (const { code, message } of causesOf(error)) {
    if (typeof code === 'string' && UNTRUSTED.test(code))
      return new SpeakrError('unreachable', `The certificate of ${origin} is not trusted (${code}).`, {
        cause: error,
        hint: 'Name the certificate authority with SPEAKR_CA_FILE, or ask whoever runs the server.',
      });
    const [, status] = /Proxy response \((\d+)\)/.exec(message) ?? [];
    if (status !== undefined)
      return new SpeakrError('unreachable', `The proxy does not let through to ${origin} (${status}).`, {
        cause: error,
        hint: 'Check HTTPS_PROXY and HTTP_PROXY; NO_PROXY names what needs none.',
      });
  }
  return undefined;
}

/** An error and what caused it, one by one. */
function* causesOf(error: unknown): Generator<Error & { code?: unknown }> {
  for (let each = error; each instanceof Error; each = each.cause) yield each;
}
