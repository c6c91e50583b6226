/** A hypothesis that goes on: the token it got last, and which hypothesis of the step before it continues. */
export interface Continuation {
  readonly token: number;
  readonly parent: number;
}

export interface BeamSearchOptions {
  /** Hypotheses followed at once; 1 takes the likeliest token at each step. */
  readonly width: number;
  readonly start: number;
  readonly end: number;
  /** Where it stops at the latest. */
  readonly maxTokens: number;
  /**
   * What may come next.
   * @param position tokens before; at 0 there is one hypothesis, the start
   * @returns logits `[hypotheses][vocabulary]`, float32, read before the next call
   */
  readonly next: (hypotheses: readonly Continuation[], position: number) => Float32Array;
}

/** A token of the text that was found, and the natural logarithm of its probability behind those before it. */
export interface FoundToken {
  readonly token: number;
  readonly logarithm: number;
}

interface Hypothesis extends Continuation {
  readonly tokens: readonly FoundToken[];
  /** Sum of the natural logarithms of its tokens' probabilities. */
  readonly score: number;
}

/** A hypothesis that is so many times less likely than the best one is given up, as a natural logarithm. */
const GIVEN_UP = 5;
/** Tokens so much less likely than the best add nothing to the sum that float32 could hold. */
const NEGLIGIBLE = 18;

/**
 * Looks for the likeliest tokens (beam search, as in Freitag and Al-Onaizan, "Beam Search Strategies for Neural Machine
 * Translation", 2017, with pruning by score). Sequences are compared by score for each token, or short ones would win.
 * @returns tokens with the end, or `maxTokens` of them
 */
export function beamSearch({ width, start, end, maxTokens, next }: BeamSearchOptions): readonly FoundToken[] {
  let open: Hypothesis[] = [{ token: start, parent: 0, tokens: [], score: 0 }];
  const ended: Hypothesis[] = [];
  for (let position = 0; position < maxTokens; position++) {
    const logits = next(open, position);
    const vocabulary = logits.length / open.length;
    const found = open
      .flatMap((hypothesis, parent) =>
        continuations(logits.subarray(parent * vocabulary, (parent + 1) * vocabulary), width).map(
          ({ token, logarithm }) => ({
            token,
            parent,
            tokens: [...hypothesis.tokens, { token, logarithm }],
            score: hypothesis.score + logarithm,
          }),
        ),
      )
      .sort((a, b) => b.score - a.score);
    const least = (found[0] as Hypothesis).score - GIVEN_UP;
    open = [];
    for (const hypothesis of found.slice(0, 2 * width)) {
      if (hypothesis.score < least || open.length === width) break;
      (hypothesis.token === end ? ended : open).push(hypothesis);
    }
    const best = bestOf(ended);
    const first = open[0];
    if (first === undefined || ended.length >= width) break;
    if (best !== undefined && perToken(best) > perToken(first)) break;
  }
  return (bestOf(ended) ?? (open[0] as Hypothesis)).tokens;
}

const perToken = ({ score, tokens }: Hypothesis) => score / tokens.length;

const bestOf = (hypotheses: readonly Hypothesis[]): Hypothesis | undefined =>
  hypotheses.reduce<Hypothesis | undefined>(
    (best, hypothesis) => (best === undefined || perToken(hypothesis) > perToken(best) ? hypothesis : best),
    undefined,
  );

/** The likeliest tokens, the best first, and the logarithms of their probabilities. */
function continuations(logits: Float32Array, count: number): FoundToken[] {
  const best = largest(logits, count);
  const most = logits[best[0] as number] as number;
  let sum = 0;
  for (const logit of logits) if (logit > most - NEGLIGIBLE) sum += Math.exp(logit - most);
  const logarithm = most + Math.log(sum);
  return best.map((token) => ({ token, logarithm: (logits[token] as number) - logarithm }));
}

/** Places of the largest values, the largest first; of equals the first. */
function largest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let place = 0; place < values.length; place++) {
    const value = values[place] as number;
    if (best.length === count && value <= least) continue;
    let at = best.length;
    while (at > 0 && (values[best[at - 1] as number] as number) < value) at--;
    best.splice(at, 0, place);
    if (best.length > count) best.pop();
    least = values[best.at(-1) as number] as number;
  }
  return best;
}
