import { LOGIN_PATH, LoginMetadata } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

const ANSWER_MS = 10_000;

/** OpenID Connect Discovery 1.0, as far as a login needs it. */
const IssuerMetadata = z.object({
  issuer: z.string(),
  token_endpoint: z.url({ protocol: /^https?$/ }),
  device_authorization_endpoint: z.url({ protocol: /^https?$/ }).optional(),
  revocation_endpoint: z.url({ protocol: /^https?$/ }).optional(),
});
export type IssuerMetadata = z.infer<typeof IssuerMetadata>;

const Refusal = z.object({ error: z.string().max(200), error_description: z.string().optional() });

/** What an issuer refuses, by the code of RFC 6749 and RFC 8628. */
export class IssuerRefusal extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`the issuer refuses: ${code}`);
    this.code = code;
  }
}

async function ask(fetch: Fetch, url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'error', ...init });
  } catch (cause) {
    if (cause instanceof SpeakrError) throw cause;
    throw new SpeakrError('unreachable', `${new URL(url).origin} does not answer.`, { cause });
  }
}

const isLoopback = ({ hostname }: URL) => ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);

function demandSafe(url: string): void {
  const parsed = new URL(url);
  if (parsed.protocol === 'https:' || isLoopback(parsed)) return;
  throw new SpeakrError('forbidden', `${parsed.origin} is not reached over HTTPS: no login goes there.`, {
    hint: 'Ask whoever runs the server.',
  });
}

/**
 * How to log in at a server.
 * @throws SpeakrError `unreachable`, `usage` when it has no login, `forbidden` when it asks for a login to another server
 */
export async function findLogin(server: string, fetch: Fetch): Promise<LoginMetadata> {
  const response = await ask(fetch, server + LOGIN_PATH);
  const parsed = response.ok
    ? LoginMetadata.safeParse(await response.json().catch(() => undefined))
    : undefined;
  if (!parsed?.success)
    throw new SpeakrError('usage', `${server} has no login.`, {
      hint: 'Set SPEAKR_TOKEN to the token or key that whoever runs it gave you.',
    });
  // Else a server could have its users log in for another one, and take their tokens there (RFC 9728, section 7.3).
  if (URL.parse(parsed.data.resource)?.origin !== new URL(server).origin)
    throw new SpeakrError('forbidden', `${server} asks for a login to ${parsed.data.resource}.`, {
      hint: 'Use that address with --server, or ask whoever runs the server.',
    });
  return parsed.data;
}

/** @throws SpeakrError `unreachable`, `forbidden`, `unavailable` */
export async function findIssuer(issuer: string, fetch: Fetch): Promise<IssuerMetadata> {
  demandSafe(issuer);
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await ask(fetch, url);
  const parsed = IssuerMetadata.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success || parsed.data.issuer !== issuer)
    throw new SpeakrError('unavailable', `${issuer} does not describe itself as an issuer of logins.`);
  demandSafe(parsed.data.token_endpoint);
  return parsed.data;
}

/**
 * Posts a form to an endpoint of the issuer.
 * @throws IssuerRefusal; SpeakrError `unreachable`, `unavailable` when the answer is none
 */
export async function post<T>(
  fetch: Fetch,
  url: string,
  form: Record<string, string>,
  answer: z.ZodType<T>,
): Promise<T> {
  demandSafe(url);
  const response = await ask(fetch, url, { method: 'POST', body: new URLSearchParams(form) });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) {
    const parsed = answer.safeParse(body);
    if (parsed.success) return parsed.data;
  }
  const refusal = Refusal.safeParse(body);
  if (response.status >= 400 && response.status < 500 && refusal.success)
    throw new IssuerRefusal(refusal.data.error);
  throw new SpeakrError(
    'unavailable',
    `${new URL(url).origin} answered ${response.status} without a reason.`,
  );
}

export const TokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  /** Seconds. RFC 6749 only recommends it. */
  expires_in: z.number().positive().default(3600),
});
