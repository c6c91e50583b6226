import type { Evaluation } from '@speakr/contracts/model-registry';

/** What a model must reach before it may serve. */
export interface Gates {
  /** Highest word error rate, as a share. */
  readonly maxWer: number;
  /** How much worse than the serving recognizer it may be, on the same set. */
  readonly maxWerLoss: number;
  /** Lowest mean reciprocal rank. */
  readonly minMrr: number;
  readonly maxMrrLoss: number;
  /** Fewest words or questions of the set. */
  readonly minSamples: number;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/**
 * Why a model may not serve, in a sentence; undefined when it may. Its newest evaluation counts, beside the newest of
 * the serving one on the same set.
 */
export function gateFailure(
  kind: 'recognizer' | 'embedder',
  candidate: readonly Evaluation[],
  serving: readonly Evaluation[],
  gates: Gates,
): string | undefined {
  const metric = kind === 'recognizer' ? 'wer' : 'mrr';
  const newest = candidate.find((each) => each.metric === metric);
  if (newest === undefined) return 'It was never evaluated.';
  if (newest.samples < gates.minSamples)
    return `It was evaluated on ${newest.samples} ${metric === 'wer' ? 'words' : 'questions'}; at least ${gates.minSamples} are needed.`;
  const compared = serving.find((each) => each.metric === metric && each.set === newest.set);
  if (compared === undefined)
    return 'The serving model was not evaluated on the same set: evaluate that one too.';
  if (metric === 'wer') {
    if (newest.value > gates.maxWer)
      return `Its word error rate is ${percent(newest.value)}; ${percent(gates.maxWer)} is the limit.`;
    if (newest.value > compared.value + gates.maxWerLoss)
      return `Its word error rate is ${percent(newest.value)}, that of the serving model ${percent(compared.value)}; it may be ${percent(gates.maxWerLoss)} worse.`;
    return undefined;
  }
  if (newest.value < gates.minMrr)
    return `Its mean reciprocal rank is ${newest.value.toFixed(3)}; ${gates.minMrr} is the limit.`;
  if (newest.value < compared.value - gates.maxMrrLoss)
    return `Its mean reciprocal rank is ${newest.value.toFixed(3)}, that of the serving model ${compared.value.toFixed(3)}; it may be ${gates.maxMrrLoss} worse.`;
  return undefined;
}
