import { SpeakrError } from '@speakr/contracts/problem';
import type { Recognizer } from './recognizer.ts';

export interface RecognizersOptions {
  /** Finds out what a model is, before it is made. */
  readonly prepare?: (model: string) => Promise<void>;
  /** Makes the recognizer of a model; loads nothing yet. @throws SpeakrError `model_unknown` */
  readonly create: (model: string) => Recognizer;
  /** Models that can be named to whom the asked one cannot serve. */
  readonly catalogue: readonly { readonly id: string; readonly languages: readonly string[] }[];
  /** Models kept loaded; the one used longest ago is closed for another. */
  readonly maxLoaded?: number;
}

/** The recognizers of all models, loaded as they are asked for. */
export interface Recognizers {
  /**
   * @throws SpeakrError `model_unknown`, or `language_unsupported` with the name of a model that knows the language
   */
  for(model: string, language: string): Promise<Recognizer>;
  close(): Promise<void>;
}

export function createRecognizers(options: RecognizersOptions): Recognizers {
  const { prepare = async () => {}, create, catalogue, maxLoaded = 2 } = options;
  // Used longest ago first.
  const loaded = new Map<string, Recognizer>();

  const open = (model: string) => {
    const recognizer = loaded.get(model) ?? create(model);
    loaded.delete(model);
    loaded.set(model, recognizer);
    for (const [id, oldest] of loaded) {
      if (loaded.size <= maxLoaded) break;
      loaded.delete(id);
      void oldest.close();
    }
    return recognizer;
  };

  return {
    async for(model, language) {
      await prepare(model);
      const known = catalogue.find(({ id }) => id === model)?.languages;
      if (known !== undefined && !known.includes(language)) throw unsupported(model, language);
      const recognizer = open(model);
      const { capabilities } = recognizer;
      if (!capabilities.languages.includes(language)) throw unsupported(model, language);
      // Opened anew by each call: it may have been closed for another model in the meantime.
      return {
        model: recognizer.model,
        capabilities,
        warm: () => open(model).warm(),
        decode: (samples, options) => open(model).decode(samples, options),
        // It is shared; the registry closes it.
        close: async () => {},
      };
    },
    async close() {
      const closing = [...loaded.values()];
      loaded.clear();
      await Promise.all(closing.map((recognizer) => recognizer.close()));
    },
  };

  function unsupported(model: string, language: string): SpeakrError {
    const other = catalogue.find(({ languages }) => languages.includes(language));
    return new SpeakrError('language_unsupported', `${model} does not know the language ${language}.`, {
      hint:
        other === undefined
          ? 'No model of the catalogue does. An OpenAI-compatible server may: see SPEAKR_RECOGNIZER.'
          : `Use --model ${other.id}, after \`speakr models pull ${other.id}\`.`,
    });
  }
}
