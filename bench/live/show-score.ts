import type { LiveScore, Spread } from './live-score.ts';

export const seconds = ([p50, p95]: Spread) => `${p50.toFixed(2)} / ${p95.toFixed(2)}`;

/** One line of figures. */
export function figures(score: LiveScore): string {
  return [
    `WER ${score.wer.toFixed(1)}`,
    `invented ${score.invented}`,
    `final ${seconds(score.final)} of ${score.phrases} (${score.missed} missed)`,
    `first ${seconds(score.firstText)}`,
    `lag ${seconds(score.lag)}`,
    `flicker ${score.flicker.toFixed(2)}`,
    `stop ${seconds(score.stop)}`,
    `cpu ${score.cpu.toFixed(3)}`,
  ].join(' | ');
}

/** Word error rate of each kind of clip. */
export function byKind({ kinds }: LiveScore): string {
  return Object.entries(kinds)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { errors, words }]) => `${kind} ${((100 * errors) / words).toFixed(0)}`)
    .join(' ');
}
