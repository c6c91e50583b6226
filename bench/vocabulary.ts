/**
 * What knowing a user's terms is worth, on the English clips of SPEAKR_TEST_AUDIO: an engine that can be told what to
 * expect (faster-whisper tiny.en, where Python is there), and a corrector that replaces what sounds like a term
 * (ADR 14 says why speakr has none).
 *
 *   node bench/vocabulary.ts [--without-peer]
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { normalWords, wordErrors } from '../cli/bench/scoring/word-errors.ts';
import { soundKey } from '../server/notes/sound-key.ts';
import { createOpenAiRecognizer, promptOf } from '../server/transcriber/openai-recognizer.ts';
import { expecting } from '../server/transcriber/recognizer.ts';
import { clipsFolder, readAudio, readClips } from './clips.ts';
import { speechPath } from './transcribers.ts';
import { NoWhisper, startWhisper } from './whisper.ts';

const { values: flags } = parseArgs({ options: { 'without-peer': { type: 'boolean', default: false } } });

/** Shorter words are no terms. */
const SHORTEST_TERM = 6;
/** A decode takes at most this much audio, samples. */
const WINDOW = 28 * 16_000;

const folder = clipsFolder();
if (folder === undefined) {
  process.stderr.write('SPEAKR_TEST_AUDIO names no folder with recordings.\n');
  process.exit(1);
}
const clips = (await readClips(folder)).filter(({ variant, kind }) => !variant && kind !== 'no-speech');
const references = clips.map(({ transcript }) => normalWords(transcript));
const countIn = new Map<string, number>();
for (const words of references)
  for (const word of new Set(words)) countIn.set(word, (countIn.get(word) ?? 0) + 1);
/** Long words of one clip only: what a user would have put down. All clips' terms together are the vocabulary. */
const termsOf = references.map((words) =>
  [...new Set(words)].filter((word) => word.length >= SHORTEST_TERM && countIn.get(word) === 1),
);
const vocabulary = termsOf.flat();

const path = await speechPath();
const heard = await path.transcribe(clips.map(({ file }) => join(folder, file)));
await path.close();
const hypotheses = heard.map((segments) => normalWords(segments.map(({ text }) => text).join(' ')));
print(`${clips.length} clips, ${vocabulary.length} terms`);
report('moonshine-tiny-en', hypotheses);
for (const strictness of ['sound', 'sound and spelling'] as const)
  report(
    `with a corrector by ${strictness}`,
    hypotheses.map((words) => correct(words, vocabulary, strictness)),
    hypotheses,
  );
if (!flags['without-peer']) await peer().catch(explain);

/** Replaces one to three words that sound like a term; those of the vocabulary themselves stay. */
function correct(
  words: readonly string[],
  terms: readonly string[],
  strictness: 'sound' | 'sound and spelling',
): string[] {
  const byKey = new Map(terms.map((term) => [soundKey(term), term]));
  const known = new Set(terms);
  const corrected: string[] = [];
  for (let at = 0; at < words.length; ) {
    const found = [3, 2, 1].flatMap((length) => {
      const some = words.slice(at, at + length);
      const joined = some.join('');
      const term = byKey.get(soundKey(joined));
      if (some.length < length || term === undefined || soundKey(joined).length < 4) return [];
      if (some.some((word) => known.has(word))) return [];
      const distance = wordErrors([...term], [...joined]) / term.length;
      return strictness === 'sound' || distance <= 0.3 ? [{ term, length }] : [];
    })[0];
    corrected.push(found?.term ?? (words[at] as string));
    at += found?.length ?? 1;
  }
  return corrected;
}

function report(
  name: string,
  texts: readonly (readonly string[])[],
  before?: readonly (readonly string[])[],
): void {
  let [errors, words, found, better, worse] = [0, 0, 0, 0, 0];
  for (const [index, reference] of references.entries()) {
    const own = wordErrors(reference, texts[index] ?? []);
    errors += own;
    words += reference.length;
    found += (termsOf[index] ?? []).filter((term) => texts[index]?.includes(term)).length;
    const earlier = before === undefined ? own : wordErrors(reference, before[index] ?? []);
    if (own < earlier) better += 1;
    if (own > earlier) worse += 1;
  }
  const change = before === undefined ? '' : `, ${better} clips better, ${worse} worse`;
  print(
    `${name.padEnd(40)} WER ${((100 * errors) / words).toFixed(2)} %, ${found} of ${vocabulary.length} terms${change}`,
  );
}

async function peer(): Promise<void> {
  const server = await startWhisper(availableParallelism());
  const recognizer = createOpenAiRecognizer({ model: 'tiny.en', baseUrl: server.baseUrl });
  const plain: string[][] = [];
  const told: string[][] = [];
  for (const [index, { file }] of clips.entries()) {
    const pcm = await readAudio(join(folder as string, file));
    const samples = Float32Array.from(
      { length: pcm.length / 2 },
      (_, at) => pcm.readInt16LE(at * 2) / 32_768,
    );
    // Its own terms first, and others as far as the prompt goes: a user knows more than is said in one recording.
    const keyTerms = [...new Set([...(termsOf[index] ?? []), ...vocabulary])];
    for (const [texts, engine] of [
      [plain, recognizer],
      [told, expecting(recognizer, keyTerms)],
    ] as const) {
      const text: string[] = [];
      for (let from = 0; from < samples.length; from += WINDOW) {
        const options = { language: 'en', priority: 'batch', session: 'bench' } as const;
        text.push((await engine.decode(samples.slice(from, from + WINDOW), options)).text);
      }
      texts.push(normalWords(text.join(' ')));
    }
  }
  await server.close();
  report('faster-whisper tiny.en', plain);
  report(`the same, told up to ${promptOf(vocabulary).split(', ').length} terms`, told, plain);
}

function explain(error: unknown): void {
  if (!(error instanceof NoWhisper)) throw error;
  process.stderr.write(`No engine that can be told: ${error.message}.\n`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
