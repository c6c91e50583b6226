import type { ActionItem, NotesSection } from '@speakr/contracts/notes';
import type { Moment } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import type { NotesTemplate } from './template.ts';

/** Stands for an owner or a date that nobody said. */
export const unknown = 'unknown';

export interface NotesRequest {
  /** When the recording began, ms since the Unix epoch: "by Friday" is counted from here. */
  readonly startedAt: number;
  readonly transcript: Transcript;
  readonly moments: readonly Moment[];
  /** Names and terms as they are spelled. */
  readonly keyTerms?: readonly string[];
  readonly template: NotesTemplate;
  readonly signal?: AbortSignal;
}

/** What a writer makes; `composeNotes` adds ids, title and Markdown. */
export interface NotesDraft {
  /** "extractive", or the language model. */
  readonly writer: string;
  readonly fellBack: boolean;
  readonly droppedLines: number;
  /** In the order of the template. */
  readonly sections: readonly NotesSection[];
  readonly actions: readonly DraftAction[];
  /** What the reader should know of how the notes came about, one sentence each. */
  readonly remarks: readonly string[];
}

export type DraftAction = Omit<ActionItem, 'id' | 'done'>;

/** Writes notes in which every line rests on segments. Adapters: extractive (no model), language model (OpenAI API). */
export interface NotesWriter {
  readonly name: string;
  /** @throws what `signal` says when it is aborted; nothing else, a writer that fails falls back */
  write(request: NotesRequest): Promise<NotesDraft>;
}
