import { SpeakrError } from '@speakr/contracts/problem';
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../observability/log.ts';

/** Keys are asked for again this often: one that was withdrawn is believed no longer, ms. */
const REFRESH_MS = 10 * 60_000;
/** While the issuer is away its keys are believed for so long, ms. */
const STALE_MS = 24 * 60 * 60_000;
/** A token with an unknown key id makes us ask no more often than this, ms. */
const COOLDOWN_MS = 10_000;
const ANSWER_MS = 5000;
/** Key sets have a few kilobytes. */
const ANSWER_BYTES = 256 * 1024;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(ANSWER_MS),
    redirect: 'error',
    headers: { accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const text = await response.text();
  if (text.length > ANSWER_BYTES) throw new Error(`${url} answered with ${text.length} characters`);
  return JSON.parse(text);
}

/** Where OpenID Connect Discovery 1.0 keeps the metadata of an issuer. */
export const discoveryUrl = (issuer: string): string =>
  `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

/** Gets the key set of an issuer. The address is looked up each time: it may move. */
async function loadKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const discovery = Discovery.parse(await getJson(discoveryUrl(issuer)));
  if (discovery.issuer !== issuer) throw new Error('the issuer names itself differently');
  return createLocalJWKSet(KeySet.parse(await getJson(discovery.jwks_uri)));
}

/**
 * The public keys of an issuer, which change: an unknown key id makes it look again, and so does time. When the issuer
 * is away, what is known is believed for a day.
 */
export function createIssuerKeys({
  issuer,
  clock,
  log,
}: {
  issuer: string;
  clock: Clock;
  log: Log;
}): JWTVerifyGetKey {
  let known: { find: JWTVerifyGetKey; at: number } | undefined;
  let loading: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;

  const age = (at: number) => clock.monotonic() - at;
  /** Asks the issuer; several who want it ask once. */
  const reload = (): Promise<void> => {
    loading ??= loadKeys(issuer)
      .then((find) => {
        known = { find, at: clock.monotonic() };
      })
      .catch((cause: unknown) => {
        log.warn({ issuer, error: cause }, 'the keys of the issuer cannot be had');
        throw new SpeakrError('unavailable', 'The login service cannot be reached.', { cause });
      })
      .finally(() => {
        triedAt = clock.monotonic();
        loading = undefined;
      });
    return loading;
  };

  return async (header, token) => {
    if (known === undefined || age(known.at) > STALE_MS) await reload();
    else if (age(known.at) > REFRESH_MS && age(triedAt) > COOLDOWN_MS) await reload().catch(() => {});
    if (known === undefined) throw new SpeakrError('unavailable', 'The login service cannot be reached.');
    try {
      return await known.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || age(triedAt) < COOLDOWN_MS) throw error;
    }
    await reload();
    return known.find(header, token);
  };
}
