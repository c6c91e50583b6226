import type { ActionItem, NotesLine, NotesSection } from '@speakr/contracts/notes';
import type { Recording } from '@speakr/contracts/recording';
import type { NotesLanguage } from './languages/language.ts';
import { unknown } from './notes-writer.ts';

export interface MarkdownRequest {
  readonly recording: Pick<Recording, 'title' | 'startedAt' | 'durationMs' | 'tags'>;
  readonly language: NotesLanguage;
  readonly sections: readonly NotesSection[];
  readonly actions: readonly ActionItem[];
  /** The section the action items stand in. */
  readonly actionsSection: string | undefined;
  readonly remarks: readonly string[];
  /** False when the recording holds no word. */
  readonly spoken: boolean;
}

/** Notes as Markdown: title, date, length, tags, then the sections; every line with its time in the recording. */
export function renderMarkdown(request: MarkdownRequest): string {
  const { recording, language, sections } = request;
  const facts = [
    new Intl.DateTimeFormat(language.locale, { dateStyle: 'long', timeStyle: 'short' }).format(
      recording.startedAt,
    ),
    clockTime(recording.durationMs),
    ...recording.tags.map((tag) => `#${tag.trim().replace(/\s+/g, '-')}`),
  ];
  const blocks = [`# ${inline(recording.title)}`, facts.join(' · ')];
  for (const remark of request.remarks) blocks.push(`> ${inline(remark)}`);
  const nothing = !request.spoken && sections.every(({ lines }) => lines.length === 0);
  if (nothing) blocks.push(language.phrases.noSpeech);
  // An empty section of a meeting is an answer ("no decisions"); when nothing at all was said one sentence is enough.
  for (const section of nothing ? [] : sections) {
    const lines =
      section.id === request.actionsSection
        ? request.actions.map((action) => actionLine(action, language))
        : section.lines.map((line) => `- ${inline(line.text)} (${timeOf(line)})`);
    blocks.push(
      `## ${inline(section.heading)}`,
      lines.length > 0 ? lines.join('\n') : language.phrases.nothing,
    );
  }
  return `${blocks.join('\n\n')}\n`;
}

function actionLine(action: ActionItem, language: NotesLanguage): string {
  const said = (value: string) => (value === unknown ? language.phrases.unknown : inline(value));
  const due = action.dueOn === undefined ? '' : ` (${language.phrases.due} ${action.dueOn})`;
  return `- [${action.done ? 'x' : ' '}] ${inline(action.what)} — **${said(action.who)}**, ${said(action.when)}${due} (${timeOf(action)})`;
}

function timeOf(line: Pick<NotesLine, 'evidence'>): string {
  return clockTime(Math.min(...line.evidence.map(({ startMs }) => startMs)));
}

/** `mm:ss`, with hours where there are any. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const pad = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Speech must not become markup: one line, and nothing that Markdown or HTML would act on. */
function inline(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>]/g, '\\$&')
    .replace(/^([#+>-]|\d+\.)(?=\s)/, '\\$1');
}
