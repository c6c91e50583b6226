import type { RedactionKind } from '@speakr/contracts/policies';
import type { Segment } from '@speakr/contracts/transcript';
import type { Caption, Captions } from '../captions/captions.ts';
import { spokenLanguages } from '../written/languages/languages.ts';
import { redactSegments, redactText } from './redact.ts';
import { withoutUnfinished } from './unfinished.ts';

/** What is left out of what a user says. */
export interface OwnerKinds {
  of(owner: string): Promise<ReadonlySet<RedactionKind>>;
  /** The same where it is known without asking. */
  known(owner: string): ReadonlySet<RedactionKind> | undefined;
}

/** A caption does not say its language. */
const redacted = (text: string, kinds: ReadonlySet<RedactionKind>) =>
  spokenLanguages.reduce((left, { code }) => redactText(left, code, kinds).text, text);

function withText<C extends Extract<Caption, { stable: string }>>(
  caption: C,
  text: string,
  kinds: ReadonlySet<RedactionKind>,
): C {
  if (text === caption.text) return caption;
  const stable = redacted(caption.stable, kinds);
  return { ...caption, text, stable: text.startsWith(stable) ? stable : '' };
}

/** @returns undefined for what nobody has said yet how to redact */
function withoutPersonal(caption: Caption, kinds: ReadonlySet<RedactionKind>): Caption | undefined {
  if (kinds.size === 0) return caption;
  switch (caption.type) {
    case 'partial':
      return withText(caption, withoutUnfinished(redacted(caption.text, kinds), kinds), kinds);
    case 'final':
      return withText(caption, redacted(caption.text, kinds), kinds);
    case 'revised': {
      const segments = spokenLanguages.reduce<readonly Segment[]>(
        (left, { code }) => redactSegments(left, code, kinds).segments,
        caption.segments,
      );
      return { ...caption, segments: segments.filter(({ text }) => text !== '') };
    }
    case 'state':
    case 'error':
      return caption;
    default:
      caption satisfies never;
      return undefined;
  }
}

/**
 * Captions without what is personal, each by itself: what is cut by a pause can be seen while it is spoken, and what is
 * not at its end yet is held back. Nothing of them is kept. The first ones of a user wait until it is known what that is; where it cannot be known they are not shown.
 */
export function redactedCaptions(captions: Captions, kinds: OwnerKinds): Captions {
  const waiting = new Map<string, { recordingId: string; caption: Caption }[]>();

  async function tellWaiting(owner: string): Promise<void> {
    const found = await kinds.of(owner).catch(() => undefined);
    const those = waiting.get(owner) ?? [];
    waiting.delete(owner);
    if (found === undefined) return;
    for (const { recordingId, caption } of those) tell(owner, recordingId, caption, found);
  }

  function tell(
    owner: string,
    recordingId: string,
    caption: Caption,
    found: ReadonlySet<RedactionKind>,
  ): void {
    const shown = withoutPersonal(caption, found);
    if (shown !== undefined) captions.publish(owner, recordingId, shown);
  }

  return {
    ...captions,
    publish(owner, recordingId, caption) {
      const before = waiting.get(owner);
      const known = before === undefined ? kinds.known(owner) : undefined;
      if (known !== undefined) return tell(owner, recordingId, caption, known);
      if (before !== undefined) return void before.push({ recordingId, caption });
      waiting.set(owner, [{ recordingId, caption }]);
      void tellWaiting(owner);
    },
  };
}
