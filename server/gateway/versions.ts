import { hash } from 'node:crypto';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Recording } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import type { Vocabulary } from '@speakr/contracts/vocabulary';
import type { z } from 'zod';
import type { Output } from './handler.ts';

/** Entity tag (RFC 9110, section 8.8.3) of what is edited: the same as long as an edit would meet the same. */
const tagOf = (value: unknown) => `"${hash('sha256', JSON.stringify(value), 'base64url').slice(0, 22)}"`;

/** Of what can be changed by hand: a running recording grows without being another one. */
export const recordingVersion = ({ id, title, tags, speakers, state, revision }: Recording): string =>
  tagOf([id, title, tags, speakers ?? {}, state, revision]);

export const transcriptVersion = ({ revision, complete, segments }: Transcript): string =>
  tagOf([revision, complete, segments.map(({ id, text, speaker }) => [id, text, speaker])]);

export const vocabularyVersion = ({ terms }: z.output<typeof Vocabulary>): string => tagOf(terms);

/** Routes whose answers carry a version. */
export const versions = {
  getRecording: recordingVersion,
  updateRecording: recordingVersion,
  getTranscript: transcriptVersion,
  editTranscript: transcriptVersion,
  getVocabulary: vocabularyVersion,
  changeVocabulary: vocabularyVersion,
} as const satisfies { [N in VersionedRoute]: (answer: Output<N>) => string };
type VersionedRoute =
  | 'getRecording'
  | 'updateRecording'
  | 'getTranscript'
  | 'editTranscript'
  | 'getVocabulary'
  | 'changeVocabulary';

/**
 * For a transaction that changes something, before it does.
 * @param ifMatch the header of the request; without it any version will do
 * @throws SpeakrError `precondition_failed`
 */
export function demandVersion(ifMatch: string | undefined, version: string): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  // Weak tags never match here.
  if (ifMatch.split(',').some((tag) => tag.trim() === version)) return;
  throw new SpeakrError('precondition_failed');
}
