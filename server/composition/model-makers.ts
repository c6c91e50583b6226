import type { PromotableKind } from '@speakr/contracts/model-registry';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Embedder } from '../embedder/embedder.ts';
import { catalogue } from '../models/catalogue.ts';
import type { Models } from '../models/models.ts';
import type { ModelDefinition } from '../promotion/promotions.ts';
import { secretOf } from '../secret.ts';
import type { Recognizer } from '../transcriber/recognizer.ts';
import type { Foundation } from './app-options.ts';

const MINILM_DIMENSIONS = 384;
/** Weights of the embedder that needs no model. */
const HASH_WEIGHTS = 'hash';
const HASH_DIMENSIONS = 256;

/** @throws SpeakrError `usage` when it does not say which model */
function speechServer(weights: string): { baseUrl: string; model: string } | undefined {
  if (!/^https?:/.test(weights)) return undefined;
  const [baseUrl = '', model = ''] = weights.split('#');
  if (model === '' || !URL.canParse(baseUrl))
    throw new SpeakrError('model_unknown', 'A speech server is written as http://host:8000/v1#MODEL.');
  return { baseUrl, model };
}

/** Whether no files of this machine are needed. */
export const isElsewhere = (weights: string): boolean => weights === HASH_WEIGHTS || /^https?:/.test(weights);

const isOfCatalogue = (weights: string, kind: PromotableKind) =>
  catalogue.some((model) => model.id === weights && model.kind === kind);

/** @throws SpeakrError `model_unknown` when nothing can be made of it */
export function checkDefinition({ kind, weights, options }: ModelDefinition): void {
  if (options.dimensions !== undefined && kind !== 'embedder')
    throw new SpeakrError('invalid_request', 'Only embedders have vectors.');
  if ((options.dimensions ?? 0) > MINILM_DIMENSIONS && weights !== HASH_WEIGHTS)
    throw new SpeakrError('invalid_request', `Vectors of ${weights} have ${MINILM_DIMENSIONS} dimensions.`);
  if (options.maxWorkers !== undefined && (kind !== 'recognizer' || speechServer(weights) !== undefined))
    throw new SpeakrError('invalid_request', 'Only recognizers of the catalogue have workers.');
  if (isOfCatalogue(weights, kind)) return;
  if (kind === 'recognizer' && speechServer(weights) !== undefined) return;
  if (kind === 'embedder' && weights === HASH_WEIGHTS) return;
  throw new SpeakrError('model_unknown', `${weights} is no ${kind}.`);
}

/** Makes recognizers and embedders of what was registered, with threads that stand back where asked; loads nothing yet. */
export function modelMakers({ settings, log, parts }: Foundation, requireModel: Models['require']) {
  return {
    /** What makes it, so that it can be made again at once. */
    async recognizer(
      { id, weights, options }: ModelDefinition,
      { background = false }: { background?: boolean } = {},
    ): Promise<() => Recognizer> {
      const { recognizer: standIn } = parts;
      if (standIn !== undefined) return () => standIn(id);
      const server = speechServer(weights);
      if (server !== undefined) {
        const { createOpenAiRecognizer } = await import('../transcriber/openai-recognizer.ts');
        // The key is for the server of the settings, and told to no other.
        const isOurs = server.baseUrl === settings.recognizerUrl;
        const apiKey = isOurs
          ? await secretOf(settings.recognizerKey, settings.recognizerKeyFile)
          : undefined;
        return () => ({ ...createOpenAiRecognizer({ ...server, apiKey }), model: id });
      }
      const { createMoonshineRecognizer } = await import('../transcriber/moonshine-recognizer.ts');
      const { maxWorkers } = options;
      return () => ({
        ...createMoonshineRecognizer({ model: weights, maxWorkers, requireModel, background, log }),
        model: id,
      });
    },

    async embedder(
      { id, weights, options }: ModelDefinition,
      { background = false }: { background?: boolean } = {},
    ): Promise<Embedder> {
      if (weights === HASH_WEIGHTS) {
        const { hashEmbedder } = await import('../embedder/hash-embedder.ts');
        return hashEmbedder({ model: id, dimensions: options.dimensions ?? HASH_DIMENSIONS });
      }
      if (parts.embedder !== undefined) return { ...parts.embedder, model: id };
      const { createMiniLm } = await import('../embedder/minilm.ts');
      const { startWorker } = await import('../workers.ts');
      const made = createMiniLm({
        modelFiles: () => requireModel(weights),
        start: () => startWorker('minilm', { background }),
      });
      const { shortened } = await import('../embedder/shortened.ts');
      return {
        ...(options.dimensions === undefined ? made : shortened(made, options.dimensions)),
        model: id,
      };
    },
  };
}
export type ModelMakers = ReturnType<typeof modelMakers>;
