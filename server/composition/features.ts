import { SpeakrError } from '@speakr/contracts/problem';
import type { Segment } from '@speakr/contracts/transcript';
import type { Archive } from '../archiver/archive.ts';
import type { Embedder } from '../embedder/embedder.ts';
import type { Models } from '../models/models.ts';
import type { NotesWriter } from '../notes/notes-writer.ts';
import { observedEmbedder } from '../observability/observed-embedder.ts';
import { observedRecognizer } from '../observability/observed-recognizer.ts';
import { once } from '../once.ts';
import type { ModelDefinition, Promotions } from '../promotion/promotions.ts';
import type { QueryService } from '../query/query-service.ts';
import { createSearches, type Searches } from '../query/searches.ts';
import { secretOf } from '../secret.ts';
import type { Recognizer } from '../transcriber/recognizer.ts';
import type { Recognizers, RecognizersOptions } from '../transcriber/recognizers.ts';
import type { VoiceActivity } from '../transcriber/voice-activity.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import { checkDefinition, modelMakers } from './model-makers.ts';
import { defaultModels, gatesOf, modelTrials } from './model-promotion.ts';
import { EMBEDDER } from './models-in-use.ts';

/** Longest wait for one answer of the language model that writes notes, ms. */
const NOTES_CALL_MS = 60_000;

/** The features of the server, each made when it is first asked for. */
export interface Features {
  models(): Promise<Models>;
  /** That serves; another one after a promotion. */
  embedder(): Promise<Embedder>;
  /**
   * A registered one in a thread that leaves the processor to others; whoever asks for it closes it.
   * @throws SpeakrError `model_unknown`
   */
  embedderAside(id: string): Promise<Embedder>;
  promotions(): Promise<Promotions>;
  recognizers(): Promise<Recognizers>;
  voiceActivity(): Promise<VoiceActivity>;
  search(): Promise<QueryService>;
  readonly searches: Searches;
  notesWriter(): Promise<NotesWriter>;
  /** Numbers, dates and units as people write them, where the settings ask for it. */
  writeSegment(): Promise<(segment: Segment, language: string) => Segment>;
  archive(): Promise<Archive>;
}

export function createFeatures(foundation: Foundation, adapters: Adapters): Features {
  const { settings, clock, log, parts, atEnd, instruments } = foundation;
  const { store, storage, archiveFolder, audioLog, dataKey } = adapters;

  const models = once(async () => {
    const { createModels } = await import('../models/models.ts');
    return createModels({ modelsDir: settings.modelsDir, mirror: settings.modelsMirror });
  });
  const requireModel = async (id: string) => (await models()).require(id);

  const makers = modelMakers(foundation, requireModel);
  const promotions = once(async () => {
    const { createPromotions } = await import('../promotion/promotions.ts');
    return createPromotions({
      ...modelTrials(makers),
      store,
      registry: adapters.modelRegistry,
      defaults: defaultModels(foundation),
      gates: gatesOf(settings),
      check: checkDefinition,
      clock,
    });
  });

  const embedders = new Map<string, Promise<Embedder>>();
  const definitionOf = async (id: string): Promise<ModelDefinition> => {
    if (id === defaultModels(foundation).embedder)
      return { id, kind: 'embedder', weights: EMBEDDER, options: {} };
    const model = await (await promotions()).find(id);
    if (model?.kind === 'embedder') return model;
    throw new SpeakrError('model_unknown', `There is no embedder ${id}.`);
  };
  const makeEmbedder = async (id: string): Promise<Embedder> => {
    const made = await makers.embedder(await definitionOf(id));
    atEnd(made.close);
    return instruments.on ? observedEmbedder(made, instruments) : made;
  };
  const embedderOf = (id: string) => {
    const known = embedders.get(id);
    if (known !== undefined) return known;
    const making = makeEmbedder(id);
    embedders.set(id, making);
    making.catch(() => embedders.delete(id));
    return making;
  };
  const embedder = async () => embedderOf(await (await promotions()).serving('embedder'));

  const observed = (factory: RecognizersOptions): RecognizersOptions =>
    instruments.on
      ? { ...factory, create: (model) => observedRecognizer(factory.create(model), instruments) }
      : factory;
  const recognizers = once(async () => {
    const { createRecognizers } = await import('../transcriber/recognizers.ts');
    const registered = new Map<string, () => Recognizer>();
    const { create, catalogue } = await recognizerFactory(foundation, requireModel);
    const made = createRecognizers(
      observed({
        catalogue,
        create: (id) => registered.get(id)?.() ?? create(id),
        async prepare(id) {
          const model = await (await promotions()).find(id);
          if (model?.kind === 'recognizer' && model.id !== model.weights)
            registered.set(id, await makers.recognizer(model));
        },
      }),
    );
    atEnd(made.close);
    return made;
  });

  const voiceActivity = once(async () => {
    const { createSileroVoiceActivity } = await import('../transcriber/voice-activity.ts');
    const made = parts.voiceActivity ?? createSileroVoiceActivity({ requireModel, log });
    atEnd(made.close);
    return made;
  });

  const writeSegment = once(async () => {
    if (settings.writtenForm === 'off') return (segment: Segment) => segment;
    return (await import('../written/written-form.ts')).writtenSegment<Segment>;
  });

  const searches = createSearches();
  const search = once(async () => {
    const { createIndexer } = await import('../query/indexer.ts');
    const { createQueryService } = await import('../query/query-service.ts');
    const answerWriter = await languageModelAnswers(foundation);
    const write = await writeSegment();
    const services = new Map<Embedder, QueryService>();
    const serviceOf = (chosen: Embedder) => {
      const found = { store, embedder: chosen, log, write };
      const { indexPending } = createIndexer(found);
      const service =
        services.get(chosen) ?? createQueryService({ ...found, indexPending, answerWriter, clock });
      services.set(chosen, service);
      return service;
    };
    // One model for question and passages: vectors of two are never compared.
    return {
      query: (owner, request, running) =>
        searches.during(async () => serviceOf(await embedder()).query(owner, request, running)),
    } satisfies QueryService;
  });

  const archive = once(async () => {
    const { createArchive } = await import('../archiver/archive.ts');
    return createArchive({
      storage,
      folderOf: archiveFolder,
      ffmpeg: settings.ffmpeg ?? 'ffmpeg',
      audioLog,
      dataKey,
    });
  });

  return {
    models,
    embedder,
    embedderAside: async (id) => makers.embedder(await definitionOf(id), { background: true }),
    promotions,
    recognizers,
    voiceActivity,
    search,
    searches,
    notesWriter: once(() => notesWriter(foundation, embedder)),
    writeSegment,
    archive,
  };
}

async function recognizerFactory({ settings, log, parts }: Foundation, requireModel: Models['require']) {
  if (parts.recognizer !== undefined) return { create: parts.recognizer, catalogue: [] };
  if (settings.recognizer === 'openai') {
    const { createOpenAiRecognizer } = await import('../transcriber/openai-recognizer.ts');
    const apiKey = await secretOf(settings.recognizerKey, settings.recognizerKeyFile);
    const baseUrl = settings.recognizerUrl ?? '';
    return { create: (model: string) => createOpenAiRecognizer({ model, baseUrl, apiKey }), catalogue: [] };
  }
  const { createMoonshineRecognizer } = await import('../transcriber/moonshine-recognizer.ts');
  const { catalogue } = await import('../models/catalogue.ts');
  return {
    create: (model: string) => createMoonshineRecognizer({ model, requireModel, log }),
    catalogue: catalogue.filter(({ kind }) => kind === 'recognizer'),
  };
}

async function notesWriter(
  { settings, log }: Foundation,
  embedder: () => Promise<Embedder>,
): Promise<NotesWriter> {
  const { llmUrl, llmModel, llmKey, llmKeyFile } = settings;
  if (llmUrl === undefined || llmModel === undefined) {
    const { extractiveWriter } = await import('../notes/extractive-writer.ts');
    return extractiveWriter;
  }
  const { createLanguageModelWriter } = await import('../notes/language-model-writer.ts');
  return createLanguageModelWriter({
    baseUrl: llmUrl,
    model: llmModel,
    apiKey: await secretOf(llmKey, llmKeyFile),
    timeoutMs: NOTES_CALL_MS,
    embed: async (texts) => (await embedder()).embed(texts),
    log,
  });
}

async function languageModelAnswers({ settings, log }: Foundation) {
  const { llmUrl, llmModel, llmKey, llmKeyFile } = settings;
  if (llmUrl === undefined || llmModel === undefined) return undefined;
  const { createAnswerWriter } = await import('../query/answer.ts');
  return createAnswerWriter({ url: llmUrl, model: llmModel, key: await secretOf(llmKey, llmKeyFile), log });
}
