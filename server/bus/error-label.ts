import { SpeakrError } from '@speakr/contracts/problem';

/** What may be said of an error: its code or name. Its message may hold what somebody said. */
export const errorLabel = (error: unknown): string =>
  error instanceof SpeakrError ? error.code : error instanceof Error ? error.name : typeof error;
