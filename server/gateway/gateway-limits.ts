import { isIPv6 } from 'node:net';
import type { EffectivePolicy } from '@speakr/contracts/policies';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Rate, RateLimiter } from '../limits/rate-limiter.ts';
import type { SessionSlots } from '../limits/session-slots.ts';

/** What users and addresses may ask for, over all gateways. */
export interface GatewayLimits {
  /** Before anything is known of a request. @throws SpeakrError `too_many_requests` */
  address(ip: string): Promise<void>;
  /** Somebody who is not who they say counts more than others. @throws SpeakrError `too_many_requests` */
  stranger(ip: string): Promise<void>;
  /** @throws SpeakrError `too_many_requests` */
  user(user: string): Promise<void>;
  /**
   * A place for a live recording. @returns gives it back
   * @throws SpeakrError `too_many_requests`
   */
  place(user: string, recordingId: string): Promise<() => void>;
  /** Longest recording, ms of audio; undefined: no end. */
  recordingMs(user: string): Promise<number | undefined>;
  /** Recordings of a user that are not finished; undefined: as many as there are. */
  unfinished(user: string): Promise<number | undefined>;
}

export interface GatewayLimitsOptions {
  readonly limiter: RateLimiter;
  readonly slots: SessionSlots;
  /** What holds for a user. */
  policyOf(
    user: string,
  ): Promise<
    Pick<EffectivePolicy, 'requestsPerMinute' | 'liveSessions' | 'recordingMs' | 'unfinishedRecordings'>
  >;
  /** Requests a minute; 0: as many as one likes. */
  readonly perAddress: number;
}

/** Wrong tokens from one address: as many as a person mistypes, and then what guessing cannot live on. */
const STRANGERS: Rate = { perMinute: 30, burst: 20 };

/** A quarter of a minute's requests may come at once. */
const rateOf = (perMinute: number): Rate => ({ perMinute, burst: Math.max(1, Math.ceil(perMinute / 4)) });

/** Of IPv6 a customer has a whole network of 64 bits, and may take another address for each request. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = ip.split('%')[0]!.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16));
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}

/** 0 stands for no limit. */
const orEndless = (limit: number) => (limit === 0 ? undefined : limit);

function refuse(waitMs: number): void {
  if (waitMs > 0) throw new SpeakrError('too_many_requests', undefined, { retryAfterMs: Math.ceil(waitMs) });
}

export function createGatewayLimits(options: GatewayLimitsOptions): GatewayLimits {
  const { limiter, slots, policyOf, perAddress } = options;
  return {
    async place(user, recordingId) {
      const { liveSessions } = await policyOf(user);
      return slots.take(user, recordingId, orEndless(liveSessions) ?? Number.MAX_SAFE_INTEGER);
    },
    recordingMs: async (user) => orEndless((await policyOf(user)).recordingMs),
    unfinished: async (user) => orEndless((await policyOf(user)).unfinishedRecordings),
    async address(ip) {
      const network = networkOf(ip);
      refuse(limiter.refusedFor(`stranger ${network}`));
      if (perAddress > 0) refuse(await limiter.take(`address ${network}`, rateOf(perAddress)));
    },
    stranger: async (ip) => refuse(await limiter.take(`stranger ${networkOf(ip)}`, STRANGERS)),
    async user(user) {
      const { requestsPerMinute } = await policyOf(user);
      if (requestsPerMinute > 0) refuse(await limiter.take(`user ${user}`, rateOf(requestsPerMinute)));
    },
  };
}
