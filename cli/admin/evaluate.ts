import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Evaluation, RetrievalSet } from '@speakr/contracts/model-registry';
import { SpeakrError } from '@speakr/contracts/problem';
import { z } from 'zod';
import { engineAt } from '../bench/bench-engine.ts';
import { type BenchClip, readBenchFolder } from '../bench/bench-folder.ts';
import { measureFiles } from '../bench/measure-files.ts';
import type { Context } from '../context.ts';
import { errorLine } from '../output.ts';

/** A line of `questions.jsonl`, beside the recordings of `speakr bench`. */
const Question = z.object({ question: z.string().min(1), file: z.string().min(1) });
const QUESTIONS = 'questions.jsonl';

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const namesOf = (clips: readonly BenchClip[]) =>
  clips.map(({ file, transcript }) => [file, transcript]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));

/**
 * Measures a registered model on the server, on a folder as for `speakr bench`, and notes the figure there: word errors
 * of a recognizer; of an embedder how high it ranks the recording that answers a question.
 * @throws SpeakrError `file_missing`, `usage`, `model_unknown`
 */
export async function evaluate(
  folder: string,
  { model, language, signal }: { model: string; language: string; signal: AbortSignal },
  context: Context,
): Promise<Evaluation> {
  const server = await context.api('write');
  const found = (await server.getModelRegistry()).models.find(({ id }) => id === model);
  if (found === undefined)
    throw new SpeakrError('model_unknown', `No model ${model} is registered.`, {
      hint: 'Run `speakr admin models list`.',
    });
  const clips = await readBenchFolder(folder, context.io.cwd, language);
  if (found.kind === 'embedder') {
    const body = await retrievalSet(resolve(context.io.cwd, folder), clips);
    return server.evaluateEmbedder({ params: { model }, body });
  }
  context.ffmpeg();
  const engine = await engineAt(context, model);
  const { output } = context;
  const { figures } = await measureFiles(clips, {
    engine,
    context,
    language,
    signal,
    onProgress: (done, of) => output.progress(`${model}: file ${done + 1} of ${of}`),
    // A file that a model fails at would make its figure better, not worse.
    onFailed(clip, error) {
      if (error instanceof SpeakrError) output.talk(`${clip.file}: ${errorLine(error)}`);
      throw error;
    },
  });
  output.progress('');
  if (figures.wordErrorRate === null) throw new SpeakrError('usage', `${folder} holds no words.`);
  return server.addEvaluation({
    params: { model },
    body: {
      metric: 'wer',
      value: figures.wordErrorRate,
      samples: figures.words,
      set: digest([language, namesOf(clips)]),
    },
  });
}

async function retrievalSet(folder: string, clips: readonly BenchClip[]): Promise<RetrievalSet> {
  const text = await readFile(join(folder, QUESTIONS), 'utf8').catch((cause) => {
    throw new SpeakrError('file_missing', `${folder} has no ${QUESTIONS}.`, {
      cause,
      hint: 'Each of its lines is a JSON object with "question" and "file" (docs/models.md).',
    });
  });
  const questions = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      const { success, data } = Question.safeParse(parsed(line));
      const passage = clips.findIndex(({ file }) => file === data?.file);
      if (!success || passage < 0)
        throw new SpeakrError('usage', `${QUESTIONS}, line ${index + 1} is not what it should be.`, {
          hint: 'Each line is a JSON object with "question" and the "file" of a recording that answers it.',
        });
      return { question: data.question, passage };
    });
  const passages = clips.map(({ transcript }) => transcript);
  return { passages, questions, set: digest([passages, questions]) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
