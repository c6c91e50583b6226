import { z } from 'zod';
import { field, timestampMs } from './field.ts';
import { nextCursor, page } from './page.ts';
import type { Route } from './route.ts';
import { userName } from './sharing.ts';

/** What can be left out of everything that is stored. */
export const redactionKinds = ['card', 'phone', 'email', 'iban', 'id', 'ip', 'name'] as const;
export type RedactionKind = (typeof redactionKinds)[number];

/** Whom a policy is for: one user, or everybody of a tenant. */
export const policyScopes = ['users', 'tenants'] as const;
const Scope = z.enum(policyScopes);
export type PolicyScope = z.infer<typeof Scope>;

const whole = (description: string, example: number) =>
  field(z.int().min(0).max(Number.MAX_SAFE_INTEGER), `${description}; 0: no limit`, example);

const values = {
  retentionDays: whole('Recordings that began so many days ago are deleted', 90),
  retentionBytes: whole(
    'The oldest recordings are deleted until the audio of the others takes no more, bytes',
    1e10,
  ),
  requestsPerMinute: whole('Requests a minute', 1200),
  liveSessions: whole('Recordings that are fed at once', 10),
  unfinishedRecordings: whole('Recordings that have not come to their end', 50),
  recordingMs: whole('Longest recording, in ms', 43_200_000),
  uploadBytes: whole('Largest upload, bytes', 4_294_967_296),
  uploadMs: whole('Longest upload, in ms', 43_200_000),
  redaction: field(
    z.array(z.enum(redactionKinds)),
    'Personal data that is left out before anything is stored',
    ['card', 'phone'],
  ),
};

export const EffectivePolicy = z
  .object(values)
  .meta({ id: 'EffectivePolicy', description: 'What holds for a user: all of it' });
export type EffectivePolicy = z.infer<typeof EffectivePolicy>;

export const PolicyValues = z.object(values).partial().meta({
  id: 'PolicyValues',
  description: 'What was set; the rest comes from the tenant, then from the settings',
});
export type PolicyValues = z.infer<typeof PolicyValues>;

const tenantName = () => field(z.string().trim().min(1).max(200), 'Tenant: any name', 'acme');

export const Policy = z
  .object({
    scope: field(Scope, 'Whether it is for a user or for everybody of a tenant', 'users'),
    name: field(z.string(), 'Which one', 'ada'),
    tenant: tenantName().optional(),
    set: PolicyValues,
    holds: EffectivePolicy,
    changedAt: timestampMs('When it was last changed; absent: never').optional(),
    changedBy: userName().optional(),
  })
  .meta({
    id: 'Policy',
    description: 'How long recordings are kept, how much may be asked for, what is left out',
  });
export type Policy = z.infer<typeof Policy>;

export const PolicyPage = z
  .object({
    policies: field(z.array(Policy), 'Those that were ever set, tenants first, by name', []),
    nextCursor: nextCursor(),
  })
  .meta({ id: 'PolicyPage', description: 'Policies that differ from the settings: a page' });
export type PolicyPage = z.infer<typeof PolicyPage>;

export const PolicyChange = z
  .object(
    Object.fromEntries(
      // What wraps a schema does not take over what is said of it.
      Object.entries(values).map(([name, schema]) => [
        name,
        schema
          .nullable()
          .meta({ ...schema.meta() })
          .optional(),
      ]),
    ) as { [K in keyof typeof values]: z.ZodOptional<z.ZodNullable<(typeof values)[K]>> },
  )
  .extend({
    tenant: tenantName()
      .nullable()
      .meta({ ...tenantName().meta() })
      .optional(),
  })
  .strict()
  .meta({
    id: 'PolicyChange',
    description: 'What shall be set; null takes back, what is absent stays. `tenant` is for users only',
  });
export type PolicyChange = z.infer<typeof PolicyChange>;

export const OwnPolicy = z
  .object({ tenant: tenantName().optional(), holds: EffectivePolicy })
  .meta({ id: 'OwnPolicy', description: 'What holds for whoever asks' });
export type OwnPolicy = z.infer<typeof OwnPolicy>;

const byPolicy = z.object({
  scope: field(Scope, 'users or tenants', 'users'),
  name: field(z.string().trim().min(1).max(200), 'User or tenant', 'ada'),
});

const admin = { role: 'admin', scope: 'admin' } as const;

/** Part of the routes for those who run the server (contracts/admin.ts). */
export const policyRoutes = {
  listPolicies: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/policies',
    summary: 'What was set for users and tenants',
    query: z.object(page),
    status: 200,
    response: PolicyPage,
  },
  getPolicyOf: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/policies/{scope}/{name}',
    summary: 'What is set for a user or tenant, and what holds',
    params: byPolicy,
    status: 200,
    response: Policy,
  },
  changePolicy: {
    ...admin,
    method: 'PATCH',
    path: '/v1/admin/policies/{scope}/{name}',
    summary: 'Set retention, quotas, redaction or tenant; holds everywhere within five seconds',
    params: byPolicy,
    body: PolicyChange,
    status: 200,
    response: Policy,
  },
} as const satisfies Record<string, Route>;
