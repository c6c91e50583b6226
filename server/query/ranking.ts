import type { FoundPassage, FoundPassages } from '../store/store.ts';

/** How the halves of the search are weighed. */
export interface RankingWeights {
  /** Weight of the keyword score, 0 to about 1, beside the cosine of the vectors. */
  readonly keyword: number;
  /** Power of the keyword score: the higher, the less a passage gains from few of the words. */
  readonly keywordPower: number;
  /** Weight of the share of the question that title and tags of the recording hold. */
  readonly title: number;
}

/**
 * Tuned with bench/retrieval.ts: reciprocal-rank fusion, and keyword scores to the power of 1, made paraphrases worse
 * than vectors alone, since a common word or two outweighed the meaning; neighbours' scores never helped.
 */
export const rankingWeights: RankingWeights = { keyword: 0.6, keywordPower: 3, title: 0.15 };

/** BM25 (Robertson and Zaragoza 2009): saturation and length normalisation. Passages are of similar length. */
const K1 = 1.2;
const B = 0.4;

export interface KeywordScores {
  /** BM25 of each passage, divided by what a passage with every word of the question once would have. */
  readonly scores: Float32Array;
  /** Share of each word of the question in its whole weight: rare words have more. Sums to 1. */
  readonly shares: readonly number[];
}

/**
 * BM25 over the blind index.
 * @param found with the frequencies of `terms`
 * @param count how many passages there are in all
 * @param words for each word of the question the terms that may stand for it
 */
export function keywordScores(
  { passages, meanLength }: FoundPassages,
  count: number,
  words: readonly (readonly string[])[],
  terms: readonly string[],
): KeywordScores {
  const scores = new Float32Array(passages.length);
  const weights = words.map((variants) => {
    const columns = variants.map((variant) => terms.indexOf(variant));
    const frequencies = passages.map((passage) =>
      columns.reduce((most, column) => Math.max(most, passage.frequencies[column] ?? 0), 0),
    );
    const holding = frequencies.reduce((sum, frequency) => sum + (frequency > 0 ? 1 : 0), 0);
    // Two words side by side in a question need not be a phrase: only where somebody says them so, they count.
    const isPair = variants.every((variant) => variant.includes(' '));
    const weight = isPair && holding === 0 ? 0 : inverseFrequency(holding, count);
    for (const [index, frequency] of frequencies.entries()) {
      if (frequency === 0) continue;
      const damping = K1 * (1 - B + (B * passages[index]!.length) / meanLength);
      scores[index]! += (weight * frequency * (K1 + 1)) / (frequency + damping);
    }
    return weight;
  });
  const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  return { scores: scores.map((score) => score / whole), shares: weights.map((weight) => weight / whole) };
}

const inverseFrequency = (holding: number, all: number) =>
  Math.log(1 + (all - holding + 0.5) / (holding + 0.5));

/** Both halves in one score. */
export function hybridScores(
  dense: Float32Array,
  keyword: Float32Array,
  weights: RankingWeights,
): Float32Array {
  return dense.map((score, passage) => score + weights.keyword * keyword[passage]! ** weights.keywordPower);
}

/** Indexes of the `count` passages with the highest scores, highest first; of equal ones the newest recording's. */
export function best(passages: readonly FoundPassage[], scores: Float32Array, count: number): number[] {
  const order = (a: number, b: number) => scores[b]! - scores[a]! || inOrder(passages[a]!, passages[b]!);
  const found: number[] = [];
  for (const passage of scores.keys()) {
    const last = found.at(-1);
    if (found.length === count && (last === undefined || order(last, passage) < 0)) continue;
    const place = found.findIndex((other) => order(passage, other) < 0);
    found.splice(place === -1 ? found.length : place, 0, passage);
    if (found.length > count) found.pop();
  }
  return found;
}

/** Ids begin with the time. */
const inOrder = (a: FoundPassage, b: FoundPassage) =>
  a.recordingId === b.recordingId ? a.index - b.index : a.recordingId < b.recordingId ? 1 : -1;
