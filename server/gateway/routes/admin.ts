import type { adminRoutes as contract } from '@speakr/contracts/admin';
import type { Handlers } from '../handler.ts';
import { pageOf } from '../page-of.ts';
import type { GatewayServices } from '../services.ts';

/** For those who run the server; that the caller is one of them was checked before. */
export function adminRoutes({
  services,
}: {
  readonly services: Pick<GatewayServices, 'admin'>;
}): Handlers<keyof typeof contract> {
  return {
    getJobStatistics: () => services.admin.jobStatistics(),
    getSystemHealth: () => services.admin.systemHealth(),
    getPerformance: () => services.admin.performance(),
    listUsers: ({ query }) => services.admin.users({ limit: 50, ...query }),
    getQuotas: () => services.admin.quotas(),
    async listDeadLetters({ query }) {
      const letters = (await services.admin.deadLetters()).filter(
        ({ consumer, message }) =>
          (query.consumer === undefined || consumer === query.consumer) &&
          (query.message === undefined || message.id === query.message),
      );
      const { items, ...next } = pageOf(
        letters,
        query,
        ({ consumer, message }) => `${consumer}/${message.id}`,
      );
      return { deadLetters: items.map((letter) => ({ ...letter, message: { ...letter.message } })), ...next };
    },
    replayDeadLetters: async ({ owner, body }) => ({ replayed: await services.admin.replay(owner, body) }),
    getModelRegistry: async () => (await services.admin.models()).overview(),
    registerModel: async ({ owner, body }) => (await services.admin.models()).register(owner, body),
    async removeModel({ owner, params }) {
      await (await services.admin.models()).remove(owner, params.model);
      return undefined;
    },
    addEvaluation: async ({ owner, params, body }) =>
      (await services.admin.models()).addEvaluation(owner, params.model, body),
    evaluateEmbedder: async ({ owner, params, body }) =>
      (await services.admin.models()).evaluateEmbedder(owner, params.model, body),
    promoteModel: async ({ owner, params }) => (await services.admin.models()).promote(owner, params.model),
    rollbackModel: async ({ owner, body }) => (await services.admin.models()).rollback(owner, body.kind),
    listPolicies: ({ query }) => services.admin.policies.list({ limit: 50, ...query }),
    getPolicyOf: ({ params }) => services.admin.policies.find(params.scope, params.name),
    changePolicy: ({ owner, params, body }) =>
      services.admin.policies.change(owner, params.scope, params.name, body),
    getAdminAudit: ({ query: { user, ...page } }) => services.admin.audit({ limit: 100, ...page }, user),
  };
}
