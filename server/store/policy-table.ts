import type { PolicyScope, PolicyValues } from '@speakr/contracts/policies';
import type { Page } from './store.ts';

/** What administrators have set for a user or a tenant. */
export interface StoredPolicy {
  readonly scope: PolicyScope;
  readonly name: string;
  /** The tenant a user belongs to. */
  readonly tenant?: string;
  readonly set: PolicyValues;
  readonly changedAt: number;
  readonly changedBy: string;
}

/** Policies of users and tenants: of the server, not of its users. */
export interface PolicyTable {
  find(scope: PolicyScope, name: string): Promise<StoredPolicy | undefined>;
  /** Tenants first, by name. */
  list(page: Page): Promise<{ policies: StoredPolicy[]; nextCursor?: string }>;
  /**
   * Two changes at once both come to be.
   * @param change what is to be kept instead of what is there; may be asked again
   */
  change(
    actor: string,
    scope: PolicyScope,
    name: string,
    change: (before: Pick<StoredPolicy, 'set' | 'tenant'>) => Pick<StoredPolicy, 'set' | 'tenant'>,
  ): Promise<StoredPolicy>;
}
