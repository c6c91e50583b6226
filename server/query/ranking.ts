import type { PassageCandidates } from '../store/store.ts';

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

/** Cosine of every passage with the question: both are of unit length. */
export function denseScores(candidates: PassageCandidates, question: Float32Array): Float32Array {
  const { vectors, dimensions, refs } = candidates;
  const scores = new Float32Array(refs.length);
  for (let passage = 0, offset = 0; passage < scores.length; passage++, offset += dimensions) {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += vectors[offset + d]! * question[d]!;
    scores[passage] = sum;
  }
  return scores;
}

export interface KeywordScores {
  /** BM25 of each passage, divided by what a passage with every word of the question once would have. */
  readonly scores: Float32Array;
  /** Share of each word of the question in its whole weight: rare words have more. Sums to 1. */
  readonly shares: readonly number[];
}

/**
 * BM25 over the blind index.
 * @param words for each word of the question the terms that may stand for it
 */
export async function keywordScores(
  candidates: PassageCandidates,
  words: readonly (readonly string[])[],
): Promise<KeywordScores> {
  const { refs, lengths } = candidates;
  const terms = [...new Set(words.flat())];
  const frequencies = new Map<number, Map<number, number>>();
  for (const { term, passage, frequency } of await candidates.termPostings(terms)) {
    const passages = frequencies.get(term) ?? new Map<number, number>();
    frequencies.set(term, passages.set(passage, frequency));
  }

  const scores = new Float32Array(refs.length);
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  const weights = words.map((variants) => {
    const inPassages = new Map<number, number>();
    for (const variant of variants) {
      for (const [passage, frequency] of frequencies.get(terms.indexOf(variant)) ?? []) {
        inPassages.set(passage, Math.max(frequency, inPassages.get(passage) ?? 0));
      }
    }
    const weight = inverseFrequency(inPassages.size, refs.length);
    for (const [passage, frequency] of inPassages) {
      const damping = K1 * (1 - B + (B * lengths[passage]!) / meanLength);
      scores[passage]! += (weight * frequency * (K1 + 1)) / (frequency + damping);
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

/** Indexes of the `count` highest scores, highest first. */
export function best(scores: Float32Array, count: number): number[] {
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, count);
}
