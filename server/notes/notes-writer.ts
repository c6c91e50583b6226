import type { Notes } from '@speakr/contracts/notes';
import type { Moment } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import type { NotesTemplate } from './template.ts';

export interface NotesRequest {
  readonly title: string;
  readonly startedAt: number;
  readonly transcript: Transcript;
  readonly moments: readonly Moment[];
  readonly template: NotesTemplate;
  readonly signal?: AbortSignal;
}

/** Writes notes in which every line rests on segments. Adapters: extractive (no model), language model (OpenAI API). */
export interface NotesWriter {
  readonly name: string;
  write(request: NotesRequest): Promise<Notes>;
}
