import type { PromotableKind } from '@speakr/contracts/model-registry';
import type { ServerSettings } from '../config.ts';
import { within } from '../observability/within.ts';
import type { Gates } from '../promotion/gates.ts';
import type { PromotionsOptions } from '../promotion/promotions.ts';
import type { Foundation } from './app-options.ts';
import type { ModelMakers } from './model-makers.ts';
import { modelsInUse } from './models-in-use.ts';

/** A model that has not loaded and worked by then cannot be used, ms: it stands back behind live captions. */
const TRIAL_MS = 60_000;
/** Captions of those who speak come first. */
const ASIDE = { background: true } as const;

export const defaultModels = ({
  settings,
  parts,
}: Pick<Foundation, 'settings' | 'parts'>): Record<PromotableKind, string> => {
  const { recognizer, embedder } = modelsInUse(settings);
  return { recognizer, embedder: parts.embedder?.model ?? embedder };
};

export const gatesOf = (settings: ServerSettings): Gates => ({
  maxWer: settings.promotionMaxWer,
  maxWerLoss: settings.promotionMaxWerLoss,
  minMrr: settings.promotionMinMrr,
  maxMrrLoss: settings.promotionMaxMrrLoss,
  minSamples: settings.promotionMinSamples,
});

/** Candidates are made anew, apart from those that serve, and closed afterwards. */
export const modelTrials = (makers: ModelMakers): Pick<PromotionsOptions, 'trial' | 'measureRetrieval'> => ({
  async trial(model) {
    const { tryEmbedder, tryRecognizer } = await import('../promotion/trial.ts');
    const gone = new AbortController();
    const work =
      model.kind === 'recognizer'
        ? makers.recognizer(model, ASIDE).then((make) => tryRecognizer(make(), gone.signal))
        : makers.embedder(model, ASIDE).then(tryEmbedder);
    await within(TRIAL_MS, work).finally(() => gone.abort());
  },
  async measureRetrieval(model, passages, questions) {
    const { meanReciprocalRank } = await import('../promotion/retrieval.ts');
    const embedder = await makers.embedder(model, ASIDE);
    try {
      return await meanReciprocalRank(embedder, passages, questions);
    } finally {
      await embedder.close();
    }
  },
});
