import type { AnswerSentence, QueryHit } from '@speakr/contracts/search';
import OpenAI from 'openai';
import { z } from 'zod';
import type { Log } from '../observability/log.ts';
import { numbersIn } from './number-words.ts';
import { isStopWord, termsOf, wordsOf } from './terms.ts';

/** Writes an answer from hits. Every sentence says which hits bear it; what nothing bears is left out. */
export type AnswerWriter = (
  question: string,
  hits: readonly QueryHit[],
) => Promise<z.infer<typeof AnswerSentence>[]>;

export interface LanguageModelOptions {
  /** Base URL of an OpenAI-compatible API. */
  readonly url: string;
  readonly model: string;
  /** Absent where the server wants none. */
  readonly key?: string;
  readonly timeoutMs?: number;
  readonly log: Log;
}

const instructions = `You answer a question from passages of recorded speech.
Use only what the passages say. If they do not answer the question, give no sentence.
Reply with JSON only: {"sentences":[{"text":"One sentence.","passages":[1]}]}
"passages" are the numbers of the passages that say what the sentence says. At most three sentences.`;

const Reply = z.object({
  sentences: z.array(z.object({ text: z.string(), passages: z.array(z.int()) })),
});

/** An `AnswerWriter` on any OpenAI-compatible server. A server that fails or talks nonsense gives an empty answer. */
export function createAnswerWriter(options: LanguageModelOptions): AnswerWriter {
  const { url, model, key, timeoutMs = 30_000, log } = options;
  const client = new OpenAI({ baseURL: url, apiKey: key ?? 'none', timeout: timeoutMs, maxRetries: 0 });

  return async (question, hits) => {
    const passages = hits.map((hit, index) => `[${index + 1}] (${hit.title}) ${hit.text}`).join('\n');
    try {
      const completion = await client.chat.completions.create({
        model,
        temperature: 0,
        messages: [
          { role: 'system', content: instructions },
          { role: 'user', content: `Passages:\n${passages}\n\nQuestion: ${question}` },
        ],
      });
      const { sentences } = Reply.parse(jsonIn(completion.choices[0]?.message.content ?? ''));
      const borne = sentences
        .map(({ text, passages: numbers }) => ({
          text: text.trim(),
          hits: [...new Set(numbers.map((number) => number - 1))].filter(
            (index) => hits[index] !== undefined,
          ),
        }))
        .filter((sentence) => isBorne(sentence, question, hits));
      log.info({ sentences: sentences.length, dropped: sentences.length - borne.length }, 'answer written');
      return borne;
    } catch (error) {
      // The message may quote the reply, and with it what was said.
      log.warn({ model, error: error instanceof Error ? error.name : 'unknown' }, 'no answer written');
      return [];
    }
  };
}

/** Models like to put a fence or a sentence around their JSON. */
function jsonIn(reply: string): unknown {
  return JSON.parse(reply.slice(reply.indexOf('{'), reply.lastIndexOf('}') + 1));
}

/**
 * Whether the hits a sentence cites hold its numbers and names. A word counts as a name when it has a capital; the first
 * word always has one, so it may also be a word of the question or one that names nothing. Words are compared by their
 * English stems, in other languages too: a name keeps its form.
 */
function isBorne(
  sentence: { text: string; hits: readonly number[] },
  question: string,
  hits: readonly QueryHit[],
): boolean {
  if (sentence.text === '' || sentence.hits.length === 0) return false;
  const cited = sentence.hits.map((index) => `${hits[index]!.text} ${hits[index]!.speaker ?? ''}`).join(' ');
  const said = new Set(termsOf(cited, 'en'));
  const asked = new Set(termsOf(question, 'en'));
  const occurs = (word: string, where: ReadonlySet<string>) =>
    termsOf(word, 'en').every((term) => where.has(term));

  const numbers = numbersIn(wordsOf(sentence.text).filter((word) => !vagueNumbers.has(word)));
  const citedNumbers = new Set(numbersIn(wordsOf(cited)));
  if (numbers.some((number) => !citedNumbers.has(number))) return false;

  const [first = '', ...others] = sentence.text.match(/[\p{L}\p{M}\p{N}'’]+/gu) ?? [];
  const names = others.filter((word) => /^\p{Lu}/u.test(word) && word !== 'I');
  if (!names.every((name) => occurs(name, said))) return false;
  return isStopWord(first) || fillers.has(first.toLowerCase()) || occurs(first, said) || occurs(first, asked);
}

/** These count nothing more often than something: "the first step", "one of them". */
const vagueNumbers = new Set(['one', 'first', 'second']);

/** First words of sentences that are no names. */
const fillers = new Set(
  'according everybody everyone nobody one participants people somebody someone speakers'.split(' '),
);
