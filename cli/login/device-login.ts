import { setTimeout as sleep } from 'node:timers/promises';
import type { LoginMetadata } from '@speakr/contracts/identity';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Credential } from './credentials.ts';
import { type Fetch, findIssuer, IssuerRefusal, post, TokenAnswer } from './issuer.ts';

const DeviceAnswer = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.url({ protocol: /^https?$/ }),
  verification_uri_complete: z.url({ protocol: /^https?$/ }).optional(),
  expires_in: z.number().positive(),
  interval: z.number().positive().default(5),
});

/** What the user has to do in a browser, on whatever machine. */
export interface DeviceCode {
  readonly url: string;
  /** The same with the code in it. */
  readonly completeUrl?: string;
  readonly code: string;
}

export interface DeviceLoginOptions {
  readonly login: LoginMetadata;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onCode(code: DeviceCode): void;
  /** Waits between questions; tests make it short. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How much slower to ask when told to, seconds (RFC 8628, section 3.5). */
const SLOW_DOWN_S = 5;

const pause = async (ms: number, signal: AbortSignal) => {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
};

/**
 * Logs in without a browser on this machine: the device authorization grant, RFC 8628.
 * @throws SpeakrError `unauthorized` when it was refused or took too long, `usage` when the issuer knows no such login
 */
export async function deviceLogin(options: DeviceLoginOptions): Promise<Credential> {
  const { login, fetch, clock, signal, onCode, wait = pause } = options;
  const [issuer = ''] = login.authorization_servers;
  const client_id = login.speakr_client_id;
  const metadata = await findIssuer(issuer, fetch);
  if (metadata.device_authorization_endpoint === undefined)
    throw new SpeakrError('usage', `${issuer} knows no login for devices.`, {
      hint: 'Whoever runs it can switch on the device authorization grant; an API key works without.',
    });
  const device = await post(
    fetch,
    metadata.device_authorization_endpoint,
    {
      client_id,
      scope: login.scopes_supported.join(' '),
      resource: login.resource,
      // What RFC 8707 calls a resource some issuers call an audience; others leave unknown words alone.
      audience: login.resource,
      // Issuers ask again before they give a login that lasts.
      prompt: 'consent',
    },
    DeviceAnswer,
  ).catch(refused);
  onCode({
    url: device.verification_uri,
    code: device.user_code,
    ...(device.verification_uri_complete === undefined
      ? {}
      : { completeUrl: device.verification_uri_complete }),
  });

  const endsAt = clock.now() + device.expires_in * 1000;
  let interval = device.interval;
  while (clock.now() < endsAt) {
    await wait(interval * 1000, signal);
    const issuedAt = clock.now();
    try {
      const answer = await post(
        fetch,
        metadata.token_endpoint,
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: device.device_code,
          client_id,
          resource: login.resource,
        },
        TokenAnswer,
      );
      return {
        issuer,
        clientId: client_id,
        resource: login.resource,
        accessToken: answer.access_token,
        refreshToken: answer.refresh_token,
        issuedAt,
        expiresAt: issuedAt + answer.expires_in * 1000,
      };
    } catch (error) {
      // Asking more rarely is also what the standard wants when the issuer does not answer.
      const slower = error instanceof SpeakrError || (error as IssuerRefusal).code === 'slow_down';
      if (slower) interval += SLOW_DOWN_S;
      else if ((error as IssuerRefusal).code !== 'authorization_pending') refused(error);
    }
  }
  throw new SpeakrError('unauthorized', 'Nobody confirmed the code in time.', {
    hint: 'Run `speakr login` again.',
  });
}

function refused(error: unknown): never {
  if (!(error instanceof IssuerRefusal)) throw error;
  const detail =
    error.code === 'access_denied' ? 'The login was refused.' : `The login failed (${error.code}).`;
  throw new SpeakrError('unauthorized', detail, { hint: 'Run `speakr login` again.' });
}
