import type { Notes } from '@speakr/contracts/notes';
import type { Recording } from '@speakr/contracts/recording';
import type { Transcript } from '@speakr/contracts/transcript';
import { languageOf } from './languages/languages.ts';
import { renderMarkdown } from './markdown.ts';
import type { NotesDraft } from './notes-writer.ts';
import { findPeople } from './people.ts';
import type { NotesTemplate } from './template.ts';
import { titleOf, titleOfTime } from './title.ts';

export interface ComposeRequest {
  readonly recording: Pick<Recording, 'id' | 'title' | 'titleSource' | 'startedAt' | 'durationMs' | 'tags'>;
  readonly transcript: Transcript;
  readonly template: NotesTemplate;
  readonly draft: NotesDraft;
  /** ms since the Unix epoch. */
  readonly generatedAt: number;
  /** More for the reader to know, beside the remarks of the draft. */
  readonly remarks?: readonly string[];
}

/** Makes notes of a draft: ids, a title where the user gave none, Markdown. */
export function composeNotes(request: ComposeRequest): {
  notes: Notes;
  title: string;
  titleSource: Recording['titleSource'];
} {
  const { recording, transcript, template, draft, generatedAt } = request;
  const language = languageOf(transcript.language);
  const named = titleFor(request);
  const actions = draft.actions.map((action, index) => ({
    ...action,
    evidence: [...action.evidence],
    id: `${recording.id}.${index}`,
    done: false,
  }));
  const sections = draft.sections.map((section) => ({ ...section, lines: [...section.lines] }));
  const remarks = [...(request.remarks ?? []), ...draft.remarks];
  if (draft.droppedLines > 0) remarks.push(language.phrases.droppedLines(draft.droppedLines));
  return {
    ...named,
    notes: {
      recordingId: recording.id,
      revision: transcript.revision,
      template: template.name,
      writer: draft.writer,
      fellBack: draft.fellBack,
      droppedLines: draft.droppedLines,
      generatedAt,
      sections,
      actions,
      markdown: renderMarkdown({
        recording: { ...recording, title: named.title },
        language,
        sections,
        actions,
        actionsSection: template.sections.find(({ rule }) => rule === 'actions')?.id,
        remarks,
        spoken: transcript.segments.length > 0,
      }),
    },
  };
}

function titleFor({ recording, transcript, draft }: ComposeRequest): {
  title: string;
  titleSource: Recording['titleSource'];
} {
  if (recording.titleSource === 'user') return { title: recording.title, titleSource: 'user' };
  const language = languageOf(transcript.language);
  const noted = draft.sections.flatMap(({ lines }) => lines);
  const people = findPeople(
    noted.map(({ text: said }) => ({ text: said })),
    language,
  );
  const text = transcript.segments.map((segment) => segment.text).join('\n');
  const title = titleOf(draft, text, language, new Set(people.names.keys()));
  if (title) return { title, titleSource: 'content' };
  return { title: titleOfTime(recording.startedAt, language), titleSource: 'time' };
}
