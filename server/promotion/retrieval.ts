import type { Embedder } from '../embedder/embedder.ts';

/** Places that count. */
const DEPTH = 10;

/**
 * Mean reciprocal rank of the right passage among the ten nearest by dot product; 0 for one that is not among them.
 * @param questions each with the number of the passage that answers it
 */
export async function meanReciprocalRank(
  embedder: Pick<Embedder, 'embed'>,
  passages: readonly string[],
  questions: readonly { readonly question: string; readonly passage: number }[],
): Promise<number> {
  const vectors = await embedder.embed(passages);
  const asked = await embedder.embed(questions.map(({ question }) => question));
  let sum = 0;
  for (const [index, { passage }] of questions.entries()) {
    const question = asked[index]!;
    const similarity = vectors.map((vector) =>
      vector.reduce((dot, value, at) => dot + value * question[at]!, 0),
    );
    // Of equals the right one comes last: a model that finds all alike finds nothing.
    const better = similarity.filter((value, other) => other !== passage && value >= similarity[passage]!);
    if (better.length < DEPTH) sum += 1 / (better.length + 1);
  }
  return sum / questions.length;
}
