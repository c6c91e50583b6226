import type { RedactionKind } from '@speakr/contracts/policies';
import type { Caption, Captions } from '../captions/captions.ts';
import { spokenLanguages } from '../written/languages/languages.ts';
import { redactText } from './redact.ts';

/** What is left out of what a user says. */
export interface OwnerKinds {
  of(owner: string): Promise<ReadonlySet<RedactionKind>>;
  /** The same where it is known without asking. */
  known(owner: string): ReadonlySet<RedactionKind> | undefined;
}

/** A caption does not say its language. */
const redacted = (text: string, kinds: ReadonlySet<RedactionKind>) =>
  spokenLanguages.reduce((left, { code }) => redactText(left, code, kinds).text, text);

function withoutPersonal(caption: Caption, kinds: ReadonlySet<RedactionKind>): Caption {
  if (kinds.size === 0) return caption;
  if (caption.type === 'revised')
    return {
      ...caption,
      segments: caption.segments.map((segment) => ({ ...segment, text: redacted(segment.text, kinds) })),
    };
  if (caption.type !== 'partial' && caption.type !== 'final') return caption;
  const text = redacted(caption.text, kinds);
  if (text === caption.text) return caption;
  const stable = redacted(caption.stable, kinds);
  return { ...caption, text, stable: text.startsWith(stable) ? stable : '' };
}

/**
 * Captions without what is personal, each by itself: what is cut by a pause can be seen while it is spoken. Nothing of
 * them is kept. The first ones of a user wait until it is known what that is; where it cannot be known they are not shown.
 */
export function redactedCaptions(captions: Captions, kinds: OwnerKinds): Captions {
  const waiting = new Map<string, { recordingId: string; caption: Caption }[]>();

  async function tellWaiting(owner: string): Promise<void> {
    const found = await kinds.of(owner).catch(() => undefined);
    const those = waiting.get(owner) ?? [];
    waiting.delete(owner);
    if (found === undefined) return;
    for (const { recordingId, caption } of those)
      captions.publish(owner, recordingId, withoutPersonal(caption, found));
  }

  return {
    ...captions,
    publish(owner, recordingId, caption) {
      const before = waiting.get(owner);
      const known = before === undefined ? kinds.known(owner) : undefined;
      if (known !== undefined) return captions.publish(owner, recordingId, withoutPersonal(caption, known));
      if (before !== undefined) return void before.push({ recordingId, caption });
      waiting.set(owner, [{ recordingId, caption }]);
      void tellWaiting(owner);
    },
  };
}
