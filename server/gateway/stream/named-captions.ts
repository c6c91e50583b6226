import type { Recording } from '@speakr/contracts/recording';
import { withSpeakerNames } from '@speakr/contracts/speakers';
import type { Caption } from '../../captions/captions.ts';

/** A caption with the names of those who speak in it. */
export function namedCaption<C extends Caption>(caption: C, recording: Recording | undefined): C {
  if (recording === undefined) return caption;
  if (caption.type === 'revised')
    return { ...caption, segments: withSpeakerNames(caption.segments, recording) };
  if (caption.type !== 'partial' && caption.type !== 'final') return caption;
  const [named] = withSpeakerNames([caption], recording);
  return (named ?? caption) as C;
}
