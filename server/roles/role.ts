import type { Adapters, AppBus } from '../composition/adapters.ts';
import type { Foundation } from '../composition/app-options.ts';
import type { Features } from '../composition/features.ts';
import type { GatewayServices } from '../gateway/services.ts';
import type { Policies } from '../policies/policies.ts';

/** What a role may use. */
export interface RoleDependencies extends Foundation {
  readonly adapters: Adapters;
  readonly features: Features;
  readonly services: GatewayServices;
  readonly policies: Policies;
  readonly bus: AppBus;
}

/**
 * Adds what the role works on to the bus, which starts when all roles have. What a role does by itself ends with the
 * signal.
 */
export type StartRole = (dependencies: RoleDependencies, signal: AbortSignal) => Promise<void>;
