import type {
  EffectivePolicy,
  OwnPolicy,
  Policy,
  PolicyChange,
  PolicyScope,
  PolicyValues,
} from '@speakr/contracts/policies';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../clock.ts';
import { within } from '../observability/within.ts';
import type { PolicyTable, StoredPolicy } from '../store/policy-table.ts';
import type { Page, Store } from '../store/store.ts';

export interface PoliciesOptions {
  readonly table: PolicyTable;
  /** What the settings say. */
  readonly defaults: EffectivePolicy;
  readonly store: Pick<Store, 'noteAccess'>;
  readonly clock: Clock;
}

/** What holds for whom: the settings, over them what is set for the tenant, over that what is set for the user. */
export interface Policies {
  /** Up to five seconds old; while nobody answers, what was known last. */
  of(user: string): Promise<EffectivePolicy>;
  /** The same without asking anybody: what was known last, undefined where that is nothing. */
  known(user: string): EffectivePolicy | undefined;
  own(user: string): Promise<OwnPolicy>;
  list(page: Page): Promise<{ policies: Policy[]; nextCursor?: string }>;
  find(scope: PolicyScope, name: string): Promise<Policy>;
  /** @throws SpeakrError `invalid_request` for the tenant of a tenant */
  change(actor: string, scope: PolicyScope, name: string, change: PolicyChange): Promise<Policy>;
}

const KNOWN_MS = 5000;
/** Who is known waits no longer than this for news, ms: a database that stands still must not stop live captions. */
const NEWS_MS = 1000;
/** Users of whom it is remembered. */
const MOST_KNOWN = 10_000;

interface Known {
  at: number;
  readonly policy: Promise<EffectivePolicy>;
  last: EffectivePolicy | undefined;
}

export function createPolicies({ table, defaults, store, clock }: PoliciesOptions): Policies {
  const asked = new Map<string, Known>();

  const tenantOf = async (tenant: string | undefined): Promise<PolicyValues> =>
    tenant === undefined ? {} : ((await table.find('tenants', tenant))?.set ?? {});

  async function look(user: string): Promise<OwnPolicy> {
    const own = await table.find('users', user);
    const holds = { ...defaults, ...(await tenantOf(own?.tenant)), ...own?.set };
    return own?.tenant === undefined ? { holds } : { tenant: own.tenant, holds };
  }

  function of(user: string): Promise<EffectivePolicy> {
    const before = asked.get(user);
    if (before !== undefined && clock.monotonic() - before.at < KNOWN_MS) return before.policy;
    const last = before?.last;
    const asking = look(user).then(({ holds }) => holds);
    const entry: Known = {
      at: clock.monotonic(),
      policy: last === undefined ? asking : within(NEWS_MS, asking).catch(() => last),
      last,
    };
    if (asked.size >= MOST_KNOWN) asked.clear();
    asked.set(user, entry);
    asking.then(
      (found) => {
        entry.last = found;
      },
      // Asked again by the next one.
      () => {
        entry.at = Number.NEGATIVE_INFINITY;
      },
    );
    return entry.policy;
  }

  async function described(policy: StoredPolicy): Promise<Policy> {
    const beneath = policy.scope === 'users' ? await tenantOf(policy.tenant) : {};
    return { ...policy, holds: { ...defaults, ...beneath, ...policy.set } };
  }

  return {
    of,
    known(user) {
      const last = asked.get(user)?.last;
      if (last !== undefined) void of(user).catch(() => {});
      return last;
    },
    own: look,

    async list(page) {
      const { policies, ...next } = await table.list(page);
      return { policies: await Promise.all(policies.map(described)), ...next };
    },

    async find(scope, name) {
      const found = await table.find(scope, name);
      return found === undefined ? { scope, name, set: {}, holds: { ...defaults } } : described(found);
    },

    async change(actor, scope, name, { tenant, ...change }) {
      if (tenant !== undefined && scope === 'tenants')
        throw new SpeakrError('invalid_request', 'A tenant belongs to no tenant.');
      // First, so that nothing changes that nobody can look up.
      await store.noteAccess([
        scope === 'users'
          ? { owner: name, actor, action: 'policy.changed' }
          : { owner: actor, actor, action: 'policy.changed', subject: name },
      ]);
      const changed = await table.change(actor, scope, name, (before) => {
        const set = { ...before.set, ...change };
        const kept = Object.entries(set).filter(([, value]) => value !== null && value !== undefined);
        const belongs = tenant === undefined ? before.tenant : (tenant ?? undefined);
        return {
          set: Object.fromEntries(kept) as PolicyValues,
          ...(belongs === undefined ? {} : { tenant: belongs }),
        };
      });
      asked.clear();
      return described(changed);
    },
  };
}
