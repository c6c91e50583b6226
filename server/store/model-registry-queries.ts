import type { Evaluation, ModelOptions, PromotableKind, Promotion } from '@speakr/contracts/model-registry';
import type { Selectable } from 'kysely';
import type { ModelRegistryQueries, StoredPromotion } from './model-registry.ts';
import type { OwnerContext } from './owner-context.ts';
import type { Tables } from './schema.ts';

function toPromotion(row: Selectable<Tables['model_promotions']>): StoredPromotion {
  return {
    seq: row.seq,
    kind: row.kind as PromotableKind,
    model: row.model,
    previous: row.previous,
    state: row.state as Promotion['state'],
    reason: row.reason as Promotion['reason'],
    progress: row.progress / 1000,
    at: row.at,
    by: row.actor,
    ...(row.active_at === null ? {} : { activeAt: row.active_at }),
  };
}

export function modelRegistryQueries({
  db,
  owner,
  clock,
}: Pick<OwnerContext, 'db' | 'owner' | 'clock'>): ModelRegistryQueries {
  return {
    async listModels() {
      const rows = await db.selectFrom('models').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(({ id, kind, weights, options }) => ({
        id,
        kind: kind as PromotableKind,
        weights,
        options: JSON.parse(options) as ModelOptions,
      }));
    },

    async addModel({ id, kind, weights, options }) {
      const { numInsertedOrUpdatedRows = 0n } = await db
        .insertInto('models')
        .values({
          id,
          kind,
          weights,
          options: JSON.stringify(options),
          created_at: clock.now(),
          actor: owner,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    },

    async removeModel(id) {
      await db.deleteFrom('model_evaluations').where('model', '=', id).execute();
      await db.deleteFrom('models').where('id', '=', id).execute();
    },

    async evaluationsOf(model, limit) {
      const rows = await db
        .selectFrom('model_evaluations')
        .selectAll()
        .where('model', '=', model)
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ metric, value, samples, evaluated_on, at, actor }) => ({
        metric: metric as Evaluation['metric'],
        value,
        samples,
        set: evaluated_on,
        measuredAt: at,
        by: actor,
      }));
    },

    async addEvaluation(model, { metric, value, samples, set }) {
      const at = clock.now();
      await db
        .insertInto('model_evaluations')
        .values({ model, metric, value, samples, evaluated_on: set, at, actor: owner })
        .execute();
      return { metric, value, samples, set, measuredAt: at, by: owner };
    },

    async listPromotions(limit, kind) {
      let query = db.selectFrom('model_promotions').selectAll();
      if (kind !== undefined) query = query.where('kind', '=', kind);
      return (await query.orderBy('seq', 'desc').limit(limit).execute()).map(toPromotion);
    },

    async addPromotion({ kind, model, previous, state, reason }) {
      const at = clock.now();
      const row = await db
        .insertInto('model_promotions')
        .values({
          kind,
          model,
          previous,
          state,
          reason,
          progress: state === 'active' ? 1000 : 0,
          at,
          active_at: state === 'active' ? at : null,
          actor: owner,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return toPromotion(row);
    },

    async changePromotion(seq, { state, progress }) {
      await db
        .updateTable('model_promotions')
        .set({
          ...(state === undefined ? {} : { state }),
          ...(state === 'active' ? { active_at: clock.now(), progress: 1000 } : {}),
          ...(progress === undefined ? {} : { progress: Math.round(progress * 1000) }),
        })
        .where('seq', '=', seq)
        .execute();
    },

    async claimKind(kind, holder, until) {
      const { numInsertedOrUpdatedRows = 0n } = await db
        .insertInto('model_claims')
        .values({ kind, holder, until })
        .onConflict((conflict) =>
          conflict
            .column('kind')
            .doUpdateSet({ holder, until })
            .where('model_claims.until', '<', clock.now()),
        )
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    },

    async releaseKind(kind, holder) {
      const { numDeletedRows } = await db
        .deleteFrom('model_claims')
        .where('kind', '=', kind)
        .where('holder', '=', holder)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
