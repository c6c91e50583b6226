import type { Caption, Captions } from '../captions/captions.ts';
import { spokenLanguages } from '../written/languages/languages.ts';
import type { RedactionKind } from './kinds.ts';
import { redactText } from './redact.ts';

/**
 * Captions without what is personal, each by itself: what is cut by a pause can be seen while it is spoken. Nothing of
 * them is kept.
 */
export function redactedCaptions(captions: Captions, kinds: ReadonlySet<RedactionKind>): Captions {
  // A caption does not say its language.
  const redacted = (text: string) =>
    spokenLanguages.reduce((left, { code }) => redactText(left, code, kinds).text, text);
  const withoutPersonal = (caption: Caption): Caption => {
    if (caption.type === 'revised')
      return {
        ...caption,
        segments: caption.segments.map((segment) => ({ ...segment, text: redacted(segment.text) })),
      };
    if (caption.type !== 'partial' && caption.type !== 'final') return caption;
    const text = redacted(caption.text);
    if (text === caption.text) return caption;
    const stable = redacted(caption.stable);
    return { ...caption, text, stable: text.startsWith(stable) ? stable : '' };
  };
  return {
    ...captions,
    publish: (owner, recordingId, caption) => captions.publish(owner, recordingId, withoutPersonal(caption)),
  };
}
