import { z } from 'zod';
import { field, timestampMs } from './field.ts';
import type { Route } from './route.ts';
import { userName } from './sharing.ts';

/** What can be exchanged while the server runs. */
export const promotableKinds = ['recognizer', 'embedder'] as const;
const Kind = z.enum(promotableKinds);
export type PromotableKind = z.infer<typeof Kind>;

const modelId = () =>
  field(
    z.string().regex(/^[a-z0-9][a-z0-9._-]{0,79}$/),
    'Id of the registered model: lower-case letters, digits and ._-',
    'tiny-en-four-workers',
  );

export const ModelOptions = z
  .object({
    maxWorkers: field(z.int().min(1).max(16), 'Most worker threads of a recognizer', 4).optional(),
    dimensions: field(
      z.int().min(16).max(2000),
      'Length of vectors: of `hash` any, of others their first components',
      256,
    ).optional(),
  })
  .strict()
  .meta({ id: 'ModelOptions', description: 'How the weights are run' });
export type ModelOptions = z.infer<typeof ModelOptions>;

export const ModelRegistration = z
  .object({
    id: modelId(),
    kind: field(Kind, 'What it does', 'recognizer'),
    weights: field(
      z.string().min(1).max(500),
      'A model of the catalogue; http://host/v1#MODEL of a speech server; or `hash`, an embedder that only compares words',
      'moonshine-tiny-en',
    ),
    options: field(ModelOptions, 'How they are run', { maxWorkers: 4 }).optional(),
  })
  .meta({ id: 'ModelRegistration', description: 'A model to be registered' });
export type ModelRegistration = z.infer<typeof ModelRegistration>;

const evaluation = {
  metric: field(z.enum(['wer', 'mrr']), 'Word error rate, or mean reciprocal rank of the first ten', 'wer'),
  value: field(z.number().min(0).max(10), 'What was measured, as a share', 0.127),
  samples: field(z.int().min(1), 'Words of the references, or questions', 1854),
  set: field(
    z.string().regex(/^[0-9a-f]{64}$/),
    'SHA-256 of what it was measured on: only figures of the same set are compared',
    '94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221',
  ),
};

export const NewEvaluation = z
  .object(evaluation)
  .meta({ id: 'NewEvaluation', description: 'What `speakr admin models evaluate` has measured' });
export type NewEvaluation = z.infer<typeof NewEvaluation>;

export const RetrievalSet = z
  .object({
    passages: field(z.array(z.string().min(1).max(20_000)).min(1).max(2000), 'What was said', [
      'We launch in March.',
    ]),
    questions: field(
      z
        .array(
          z.object({
            question: field(z.string().min(1).max(2000), 'A question', 'When do we launch?'),
            passage: field(z.int().min(0), 'Number of the passage that answers it', 0),
          }),
        )
        .min(1)
        .max(2000),
      'Questions with their answers',
      [{ question: 'When do we launch?', passage: 0 }],
    ),
    set: evaluation.set,
  })
  .meta({ id: 'RetrievalSet', description: 'What an embedder is evaluated on; not kept' });
export type RetrievalSet = z.infer<typeof RetrievalSet>;

export const Evaluation = z
  .object({ ...evaluation, measuredAt: timestampMs('When it was measured'), by: userName() })
  .meta({ id: 'Evaluation', description: 'How good a model was' });
export type Evaluation = z.infer<typeof Evaluation>;

export const Promotion = z
  .object({
    kind: field(Kind, 'What was exchanged', 'recognizer'),
    model: modelId(),
    previous: field(z.string(), 'What it took the place of', 'moonshine-tiny-en'),
    state: field(
      z.enum(['active', 'switching', 'replaced', 'cancelled']),
      'Serving; vectors are still being made and the previous one serves; replaced by a later one; given up',
      'active',
    ),
    reason: field(z.enum(['promotion', 'rollback']), 'Why', 'promotion'),
    progress: field(z.number().min(0).max(1), 'Share of the recordings that have new vectors', 1),
    at: timestampMs('When it was asked for'),
    by: userName(),
    activeAt: timestampMs('Since when it serves; absent before').optional(),
  })
  .meta({ id: 'Promotion', description: 'A model that was put in the place of another' });
export type Promotion = z.infer<typeof Promotion>;

export const RegisteredModel = z
  .object({
    id: field(z.string(), 'Id', 'moonshine-tiny-en'),
    kind: field(Kind, 'What it does', 'recognizer'),
    weights: field(z.string(), 'What it is made of', 'moonshine-tiny-en'),
    options: field(ModelOptions, 'How it is run', {}),
    builtIn: field(z.boolean(), 'Whether the settings name it, without registration', true),
    serving: field(z.boolean(), 'Whether new work gets it', true),
    evaluations: field(z.array(Evaluation), 'Newest first, at most 20', []),
  })
  .meta({ id: 'RegisteredModel', description: 'A model that can serve' });
export type RegisteredModel = z.infer<typeof RegisteredModel>;

export const ModelRegistry = z
  .object({
    models: field(z.array(RegisteredModel), 'Those of the settings first', []),
    promotions: field(z.array(Promotion), 'Newest first, at most 50', []),
  })
  .meta({ id: 'ModelRegistry', description: 'Models that can serve, and what was put in whose place' });
export type ModelRegistry = z.infer<typeof ModelRegistry>;

const byModel = z.object({
  model: field(z.string().min(1).max(500), 'Id of the model', 'tiny-en-four-workers'),
});
const RollbackRequest = z
  .object({ kind: field(Kind, 'What shall serve again as before', 'recognizer') })
  .meta({ id: 'RollbackRequest', description: 'What to take back' });

const admin = { role: 'admin', scope: 'admin' } as const;

/** Part of the routes for those who run the server (contracts/admin.ts). */
export const modelRoutes = {
  getModelRegistry: {
    ...admin,
    method: 'GET',
    path: '/v1/admin/models',
    summary: 'Models that can serve, how good they were, and what was promoted',
    status: 200,
    response: ModelRegistry,
  },
  registerModel: {
    ...admin,
    method: 'POST',
    path: '/v1/admin/models',
    summary: 'Register a model; the same again changes nothing',
    body: ModelRegistration,
    status: 201,
    response: RegisteredModel,
  },
  removeModel: {
    ...admin,
    method: 'DELETE',
    path: '/v1/admin/models/{model}',
    summary: 'Forget a registered model that does not serve, and did not serve before',
    params: byModel,
    status: 204,
    response: null,
  },
  addEvaluation: {
    ...admin,
    method: 'POST',
    path: '/v1/admin/models/{model}/evaluations',
    summary: 'Note how well a recognizer was measured to hear',
    params: byModel,
    body: NewEvaluation,
    status: 201,
    response: Evaluation,
  },
  evaluateEmbedder: {
    ...admin,
    method: 'POST',
    path: '/v1/admin/models/{model}/retrieval',
    summary: 'Measure how well an embedder finds passages, and note it',
    params: byModel,
    body: RetrievalSet,
    status: 201,
    response: Evaluation,
  },
  promoteModel: {
    ...admin,
    method: 'POST',
    path: '/v1/admin/models/{model}/promotion',
    summary: 'Try a model, check its gates, and let it serve; what runs keeps the one it has',
    params: byModel,
    status: 200,
    response: Promotion,
  },
  rollbackModel: {
    ...admin,
    method: 'POST',
    path: '/v1/admin/rollback',
    summary: 'Let the model before serve again, or give up an exchange under way',
    body: RollbackRequest,
    status: 200,
    response: Promotion,
  },
} as const satisfies Record<string, Route>;
