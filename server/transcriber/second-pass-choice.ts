import type { Segment } from '@speakr/contracts/transcript';
import type { SpokenSentence } from './decode-window.ts';

/** Whether what the second pass heard shall replace the live segments of its window. */
export function prefersSecond(live: readonly Segment[], second: readonly SpokenSentence[]): boolean {
  const text = (of: readonly { text: string }[]) => of.map((each) => each.text).join(' ');
  return second.length > 0 && text(live) !== text(second);
}
