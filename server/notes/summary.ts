import type { NotesLine } from '@speakr/contracts/notes';
import type { NotesLanguage } from './languages/language.ts';
import { type Sentence, termsOf, wordsOf } from './sentences.ts';

export interface SummaryRequest {
  readonly sentences: readonly Sentence[];
  readonly language: NotesLanguage;
  readonly limit: number;
  /** Factor by which a sentence weighs more: decisions, tasks, what was marked. 1 for most. */
  readonly weight: (sentence: Sentence) => number;
  /** Only sentences that fit are considered. */
  readonly accept?: (sentence: Sentence) => boolean;
  /** Questions too; a summary has none. */
  readonly questions?: boolean;
}

interface Candidate {
  readonly sentence: Sentence;
  readonly vector: Map<string, number>;
  readonly prior: number;
  readonly marked: boolean;
  score: number;
}

/** Sentences that are compared with each other at once: keeps five hours near-linear. */
const windowSize = 160;
const keepPerWindow = 12;
const iterations = 20;
/** LexRank's damping: how much comes from the graph, the rest from the prior. */
const damping = 0.75;
/** From this weight on a sentence is considered even when it is short. */
const markedWeight = 2;
const markedShare = 0.5;
/** A sentence that is this alike to a chosen one says nothing new. */
const redundant = 0.5;

/**
 * Picks the sentences most of the others lean on: LexRank (Erkan and Radev 2004) on TF-IDF cosines, biased by
 * position, length and cues, without repetition, in the order they were said. Long talks are ranked window by window
 * first, then the best of all windows among themselves.
 */
export function summarise(request: SummaryRequest): NotesLine[] {
  const chosen = chooseSentences(request);
  // A few words are their own summary.
  const lines = chosen.length > 0 ? chosen : request.sentences.slice(0, request.limit);
  return lines.map((sentence) => ({
    text: sentence.text.replace(/[,;:]$/, ''),
    evidence: [...sentence.evidence],
  }));
}

export function chooseSentences(request: SummaryRequest): Sentence[] {
  let candidates = toCandidates(request);
  if (candidates.length === 0) return [];
  while (candidates.length > windowSize) {
    const kept: Candidate[] = [];
    for (let from = 0; from < candidates.length; from += windowSize) {
      const window = candidates.slice(from, from + windowSize);
      rank(window);
      kept.push(...best(window, keepPerWindow).sort((a, b) => a.sentence.index - b.sentence.index));
    }
    if (kept.length >= candidates.length) break;
    candidates = kept;
  }
  rank(candidates);
  const chosen: Candidate[] = [];
  for (const candidate of best(candidates, candidates.length)) {
    if (chosen.length >= request.limit) break;
    if (chosen.some((other) => cosine(other.vector, candidate.vector) > redundant)) continue;
    chosen.push(candidate);
  }
  return chosen.map(({ sentence }) => sentence).sort((a, b) => a.index - b.index);
}

function toCandidates({ sentences, language, weight, accept, questions }: SummaryRequest): Candidate[] {
  const isMarked = (sentence: Sentence) => weight(sentence) >= markedWeight;
  const documents = new Map<string, number>();
  const usable: { sentence: Sentence; terms: readonly string[] }[] = [];
  for (const sentence of sentences) {
    const terms = termsOf(sentence.body, language);
    for (const term of new Set(terms)) documents.set(term, (documents.get(term) ?? 0) + 1);
    if ((sentence.question && !questions) || (accept && !accept(sentence))) continue;
    if (terms.length >= 2 && !language.procedural.test(sentence.body)) usable.push({ sentence, terms });
  }
  // What the user marked counts however short it is.
  const long = usable.filter(
    ({ terms, sentence }) => (terms.length >= 4 && wordsOf(sentence.text).length >= 6) || isMarked(sentence),
  );
  const enough = long.length >= 3 ? long : usable;
  return enough.map(({ sentence, terms }) => {
    const vector = new Map<string, number>();
    for (const term of terms) vector.set(term, (vector.get(term) ?? 0) + 1);
    let square = 0;
    for (const [term, count] of vector) {
      const value = count * Math.log(1 + sentences.length / documents.get(term)!);
      vector.set(term, value);
      square += value * value;
    }
    const norm = Math.sqrt(square) || 1;
    for (const [term, value] of vector) vector.set(term, value / norm);
    return {
      sentence,
      vector,
      prior: priorOf(sentence, sentences.length, weight(sentence)),
      marked: isMarked(sentence),
      score: 0,
    };
  });
}

/** Middling lengths read best; what opens or closes a talk tends to say what it is about. */
function priorOf(sentence: Sentence, total: number, weight: number): number {
  const words = wordsOf(sentence.text).length;
  const length = words < 8 ? 0.6 : words <= 30 ? 1 : Math.max(0.3, 30 / words);
  const place = sentence.index / Math.max(1, total - 1);
  const position = place < 0.1 ? 1.25 : place > 0.9 ? 1.1 : 1;
  const pointless = /^\s*(?:i|it|that|this|he|she|they)\b/i.test(sentence.body) ? 0.8 : 1;
  return length * position * pointless * weight;
}

function rank(window: Candidate[]): void {
  const size = window.length;
  const postings = new Map<string, { row: number; value: number }[]>();
  window.forEach(({ vector }, row) => {
    for (const [term, value] of vector) {
      const list = postings.get(term);
      if (list) list.push({ row, value });
      else postings.set(term, [{ row, value }]);
    }
  });
  const weights = window.map(() => new Float64Array(size));
  for (const list of postings.values()) {
    for (const left of list) {
      const row = weights[left.row]!;
      for (const right of list) if (left.row !== right.row) row[right.row]! += left.value * right.value;
    }
  }
  const degrees = weights.map((row) => row.reduce((sum, value) => sum + value, 0));
  const priors = window.map(({ prior }) => prior);
  const total = priors.reduce((sum, prior) => sum + prior, 0) || 1;
  let scores = priors.map((prior) => prior / total);
  for (let round = 0; round < iterations; round++) {
    const next = priors.map((prior) => ((1 - damping) * prior) / total);
    for (let row = 0; row < size; row++) {
      const degree = degrees[row]!;
      if (degree === 0) continue;
      const share = (damping * scores[row]!) / degree;
      const edges = weights[row]!;
      for (let column = 0; column < size; column++) next[column]! += share * edges[column]!;
    }
    scores = next;
  }
  const top = Math.max(...scores);
  window.forEach((candidate, row) => {
    // What the user wrote about matters even when nobody came back to it.
    const own = candidate.marked ? markedShare * top : 0;
    candidate.score = (scores[row]! + own) * candidate.prior;
  });
}

function best(candidates: readonly Candidate[], count: number): Candidate[] {
  return [...candidates].sort((a, b) => b.score - a.score).slice(0, count);
}

function cosine(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [term, value] of left) sum += value * (right.get(term) ?? 0);
  return sum;
}

/** How many lines sum up a talk of this many sentences. */
export function summaryLength(sentences: number): number {
  return Math.max(1, Math.min(8, Math.round(Math.sqrt(sentences) * 0.8)));
}
