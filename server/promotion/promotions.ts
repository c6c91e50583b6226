import { randomUUID } from 'node:crypto';
import type {
  Evaluation,
  ModelRegistration,
  ModelRegistry,
  NewEvaluation,
  PromotableKind,
  Promotion,
  RegisteredModel,
} from '@speakr/contracts/model-registry';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Clock } from '../clock.ts';
import type { ModelRegistryReader, StoredPromotion } from '../store/model-registry.ts';
import type { Store } from '../store/store.ts';
import { type Gates, gateFailure } from './gates.ts';

/** What a model is made of. */
export type ModelDefinition = Required<ModelRegistration>;

export interface PromotionsOptions {
  readonly store: Pick<Store, 'transaction'>;
  readonly registry: ModelRegistryReader;
  /** What serves before anything was promoted. */
  readonly defaults: Readonly<Record<PromotableKind, string>>;
  readonly gates: Gates;
  /** @throws SpeakrError `model_unknown` when nothing can be made of it */
  check(definition: ModelDefinition): void;
  /** Loads a model as if it served, and lets it work once. Rejects when it cannot. */
  trial(definition: ModelDefinition): Promise<void>;
  /** @returns its mean reciprocal rank */
  measureRetrieval(
    definition: ModelDefinition,
    passages: readonly string[],
    questions: readonly { readonly question: string; readonly passage: number }[],
  ): Promise<number>;
  readonly clock: Clock;
}

export interface Promotions {
  overview(): Promise<ModelRegistry>;
  /** Idempotent. @throws SpeakrError `model_unknown`, `conflict` when the id is another model's */
  register(actor: string, model: ModelRegistration): Promise<RegisteredModel>;
  /** @throws SpeakrError `model_unknown`, `conflict` when it serves, or did before */
  remove(actor: string, id: string): Promise<void>;
  /** @throws SpeakrError `model_unknown`, `invalid_request` for a figure of the other kind */
  addEvaluation(actor: string, id: string, evaluation: NewEvaluation): Promise<Evaluation>;
  /** @throws SpeakrError `model_unknown`, `invalid_request` */
  evaluateEmbedder(
    actor: string,
    id: string,
    set: {
      passages: readonly string[];
      questions: readonly { question: string; passage: number }[];
      set: string;
    },
  ): Promise<Evaluation>;
  /** @throws SpeakrError `model_unknown`, `model_not_promoted`, `promotion_running`, `conflict` when it serves already */
  promote(actor: string, id: string): Promise<Promotion>;
  /** @throws SpeakrError `conflict` when nothing was promoted */
  rollback(actor: string, kind: PromotableKind): Promise<Promotion>;
  /** Id of the model that new work gets; up to half a second old. */
  serving(kind: PromotableKind): Promise<string>;
  /** The exchange under way. */
  switching(kind: PromotableKind): Promise<StoredPromotion | undefined>;
  /** A registered model, or one of the settings; undefined when there is none. */
  find(id: string): Promise<ModelDefinition | undefined>;
}

/** What is known of the registry may be so old, ms. */
const KNOWN_MS = 500;
/** A trial takes no longer; then somebody else may try, ms. */
const CLAIM_MS = 3 * 60_000;
const SHOWN_EVALUATIONS = 20;
const SHOWN_PROMOTIONS = 50;

const metricOf = (kind: PromotableKind) => (kind === 'recognizer' ? 'wer' : 'mrr');
const without = ({ seq: _, ...promotion }: StoredPromotion): Promotion => promotion;

/** Which models serve, and what may take their place. Work that runs keeps the model it began with. */
export function createPromotions(options: PromotionsOptions): Promotions {
  const { store, registry, defaults, gates, check, trial, measureRetrieval, clock } = options;
  const latest = new Map<PromotableKind, { at: number; promotions: Promise<StoredPromotion[]> }>();

  /** Newest first: enough to tell what serves and what is under way. */
  function promotionsOf(kind: PromotableKind): Promise<StoredPromotion[]> {
    const known = latest.get(kind);
    if (known !== undefined && clock.monotonic() - known.at < KNOWN_MS) return known.promotions;
    const promotions = registry.listPromotions(SHOWN_PROMOTIONS, kind);
    latest.set(kind, { at: clock.monotonic(), promotions });
    promotions.catch(() => latest.delete(kind));
    return promotions;
  }
  const servingOf = (promotions: readonly StoredPromotion[], kind: PromotableKind) =>
    promotions.find(({ state }) => state === 'active')?.model ?? defaults[kind];
  const fresh = (kind: PromotableKind) => {
    latest.delete(kind);
    return promotionsOf(kind);
  };

  const builtIn = (kind: PromotableKind): ModelDefinition => ({
    id: defaults[kind],
    kind,
    weights: defaults[kind],
    options: {},
  });
  const all = async () => [builtIn('recognizer'), builtIn('embedder'), ...(await registry.listModels())];
  async function demand(id: string): Promise<ModelDefinition> {
    const model = (await all()).find((each) => each.id === id);
    if (model === undefined)
      throw new SpeakrError('model_unknown', `No model ${id} is registered.`, {
        hint: 'Run `speakr admin models list` for those that are.',
      });
    return model;
  }

  async function describe(model: ModelDefinition): Promise<RegisteredModel> {
    return {
      ...model,
      builtIn: model.id === defaults[model.kind],
      serving: servingOf(await promotionsOf(model.kind), model.kind) === model.id,
      evaluations: await registry.evaluationsOf(model.id, SHOWN_EVALUATIONS),
    };
  }

  async function addEvaluation(actor: string, id: string, evaluation: NewEvaluation): Promise<Evaluation> {
    const { kind } = await demand(id);
    if (evaluation.metric !== metricOf(kind))
      throw new SpeakrError('invalid_request', `The figure of ${kind}s is ${metricOf(kind)}.`);
    return store.transaction(actor, async (own) => {
      await own.noteAudit('model.evaluated', { subject: id });
      return own.models.addEvaluation(id, evaluation);
    });
  }

  /** What it says is for the operator who asked. */
  async function demandGates(model: ModelDefinition, serving: string): Promise<void> {
    const failure = gateFailure(
      model.kind,
      await registry.evaluationsOf(model.id, SHOWN_EVALUATIONS),
      await registry.evaluationsOf(serving, SHOWN_EVALUATIONS),
      gates,
    );
    if (failure !== undefined) throw new SpeakrError('model_not_promoted', failure);
    await trial(model).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new SpeakrError('model_not_promoted', `It cannot be used: ${why}`, { cause });
    });
  }

  return {
    async overview() {
      const models = await Promise.all((await all()).map(describe));
      return { models, promotions: (await registry.listPromotions(SHOWN_PROMOTIONS)).map(without) };
    },

    async register(actor, { id, kind, weights, options: given = {} }) {
      const model = { id, kind, weights, options: given };
      check(model);
      const known = (await all()).find((each) => each.id === id);
      const isAdded =
        known === undefined &&
        (await store.transaction(actor, async (own) => {
          const added = await own.models.addModel(model);
          if (added) await own.noteAudit('model.registered', { subject: id });
          return added;
        }));
      const stored = isAdded ? model : await demand(id);
      if (JSON.stringify(stored) !== JSON.stringify(model))
        throw new SpeakrError('conflict', `${id} is another model already.`, { hint: 'Take another id.' });
      return describe(stored);
    },

    async remove(actor, id) {
      const { kind } = await demand(id);
      const promotions = await fresh(kind);
      const needed = promotions.find(({ state }) => state === 'active');
      const isUnderWay = promotions.some(({ state, model }) => state === 'switching' && model === id);
      if (id === defaults[kind] || id === needed?.model || id === needed?.previous || isUnderWay)
        throw new SpeakrError('conflict', `${id} serves, or is what a rollback would lead to.`, {
          hint: 'Promote another one first.',
        });
      await store.transaction(actor, async (own) => {
        await own.noteAudit('model.removed', { subject: id });
        await own.models.removeModel(id);
      });
    },

    addEvaluation,

    async evaluateEmbedder(actor, id, { passages, questions, set }) {
      const model = await demand(id);
      if (model.kind !== 'embedder')
        throw new SpeakrError('invalid_request', 'Only embedders find passages.');
      if (questions.some(({ passage }) => passage >= passages.length))
        throw new SpeakrError('invalid_request', 'A question names a passage that is not there.');
      const value = await measureRetrieval(model, passages, questions);
      return addEvaluation(actor, id, { metric: 'mrr', value, samples: questions.length, set });
    },

    async promote(actor, id) {
      const model = await demand(id);
      const { kind } = model;
      const holder = randomUUID();
      const claimed = await store.transaction(actor, async (own) => {
        const isUnderWay = (await own.models.listPromotions(1, kind))[0]?.state === 'switching';
        return !isUnderWay && own.models.claimKind(kind, holder, clock.now() + CLAIM_MS);
      });
      if (!claimed) throw new SpeakrError('promotion_running');
      try {
        const serving = servingOf(await fresh(kind), kind);
        if (serving === id)
          throw new SpeakrError('conflict', `${id} serves already.`, { hint: 'There is nothing to do.' });
        await demandGates(model, serving);
        const promotion = await store.transaction(actor, async (own) => {
          const promotions = await own.models.listPromotions(SHOWN_PROMOTIONS, kind);
          // Somebody rolled back meanwhile, or the trial took too long: what was compared is not what serves.
          if (servingOf(promotions, kind) !== serving || !(await own.models.releaseKind(kind, holder)))
            throw new SpeakrError('promotion_running');
          const isSwitch = kind === 'embedder';
          if (!isSwitch)
            for (const { seq, state } of promotions)
              if (state === 'active') await own.models.changePromotion(seq, { state: 'replaced' });
          const added = await own.models.addPromotion({
            kind,
            model: id,
            previous: serving,
            state: isSwitch ? 'switching' : 'active',
            reason: 'promotion',
          });
          await own.noteAudit('model.promoted', { subject: id });
          if (isSwitch) await own.publish('embeddings.rebuild.v1', { model: id, promotion: added.seq });
          else await own.publish('model.promoted.v1', { model: id, kind, previous: serving });
          return added;
        });
        latest.delete(kind);
        return without(promotion);
      } catch (error) {
        await store.transaction(actor, (own) => own.models.releaseKind(kind, holder));
        throw error;
      }
    },

    async rollback(actor, kind) {
      const promotion = await store.transaction(actor, async (own) => {
        const promotions = await own.models.listPromotions(SHOWN_PROMOTIONS, kind);
        const [newest] = promotions;
        if (newest?.state === 'switching') {
          await own.noteAudit('model.rolled_back', { subject: newest.model });
          await own.models.changePromotion(newest.seq, { state: 'cancelled' });
          return { ...newest, state: 'cancelled' as const };
        }
        const active = promotions.find(({ state }) => state === 'active');
        if (active === undefined)
          throw new SpeakrError('conflict', `No ${kind} was promoted.`, {
            hint: 'What serves is what the settings name.',
          });
        await own.noteAudit('model.rolled_back', { subject: active.model });
        await own.models.changePromotion(active.seq, { state: 'replaced' });
        const { model: previous, previous: model } = active;
        await own.publish('model.promoted.v1', { model, kind, previous });
        return own.models.addPromotion({ kind, model, previous, state: 'active', reason: 'rollback' });
      });
      latest.delete(kind);
      return without(promotion);
    },

    serving: async (kind) => servingOf(await promotionsOf(kind), kind),
    switching: async (kind) => (await fresh(kind)).find(({ state }) => state === 'switching'),
    find: async (id) => (await all()).find((each) => each.id === id),
  };
}
