import { z } from 'zod';
import { field } from './field.ts';

export const ModelInfo = z
  .object({
    id: field(z.string(), 'Model id', 'moonshine-tiny-en'),
    kind: field(z.enum(['recognizer', 'embedder', 'voice-activity']), 'What it does', 'recognizer'),
    languages: field(z.array(z.string()), 'Languages it knows, ISO 639-1', ['en']),
    bytes: field(z.int().min(0), 'Size of all files, in bytes', 43_943_830),
    licence: field(z.string(), 'SPDX licence id, or the name of the licence', 'MIT'),
    commercialUse: field(z.boolean(), 'Whether the licence allows commercial use', true),
    state: field(
      z.enum(['installed', 'missing', 'invalid']),
      'Whether the files are there and of the right size; `speakr models verify` reads every byte',
      'installed',
    ),
    default: field(z.boolean(), 'Whether it is used when none is named', true),
    detail: field(
      z.string(),
      'What is wrong with it, and the command that mends it',
      'encoder_model.ort is missing',
    ).optional(),
  })
  .meta({ id: 'ModelInfo', description: 'A model of the catalogue' });
export type ModelInfo = z.infer<typeof ModelInfo>;
