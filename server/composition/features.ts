import type { Segment } from '@speakr/contracts/transcript';
import type { Archive } from '../archiver/archive.ts';
import type { Embedder } from '../embedder/embedder.ts';
import type { Models } from '../models/models.ts';
import type { NotesWriter } from '../notes/notes-writer.ts';
import { observedEmbedder } from '../observability/observed-embedder.ts';
import { observedRecognizer } from '../observability/observed-recognizer.ts';
import { once } from '../once.ts';
import type { QueryService } from '../query/query-service.ts';
import { secretOf } from '../secret.ts';
import type { Recognizers, RecognizersOptions } from '../transcriber/recognizers.ts';
import type { VoiceActivity } from '../transcriber/voice-activity.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';

/** Longest wait for one answer of the language model that writes notes, ms. */
const NOTES_CALL_MS = 60_000;
export const DEFAULT_RECOGNIZER = 'moonshine-tiny-en';
export const EMBEDDER = 'all-minilm-l6-v2-int8';
export const VOICE_ACTIVITY = 'silero-vad-v6';

/** The features of the server, each made when it is first asked for. */
export interface Features {
  models(): Promise<Models>;
  embedder(): Promise<Embedder>;
  recognizers(): Promise<Recognizers>;
  voiceActivity(): Promise<VoiceActivity>;
  search(): Promise<QueryService>;
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

  const embedder = once(async () => {
    const { createMiniLm } = await import('../embedder/minilm.ts');
    const made = parts.embedder ?? createMiniLm({ modelFiles: () => requireModel(EMBEDDER) });
    atEnd(made.close);
    return instruments.on ? observedEmbedder(made, instruments) : made;
  });

  const observed = (factory: RecognizersOptions): RecognizersOptions =>
    instruments.on
      ? { ...factory, create: (model) => observedRecognizer(factory.create(model), instruments) }
      : factory;
  const recognizers = once(async () => {
    const { createRecognizers } = await import('../transcriber/recognizers.ts');
    const made = createRecognizers(observed(await recognizerFactory(foundation, requireModel)));
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

  const search = once(async () => {
    const { createIndexer } = await import('../query/indexer.ts');
    const { createQueryService } = await import('../query/query-service.ts');
    const found = { store, embedder: await embedder(), log, write: await writeSegment() };
    const { indexPending } = createIndexer(found);
    const answerWriter = await languageModelAnswers(foundation);
    return createQueryService({ ...found, indexPending, answerWriter, clock });
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
    recognizers,
    voiceActivity,
    search,
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
