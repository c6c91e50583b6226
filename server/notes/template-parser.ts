import { SpeakrError } from '@speakr/contracts/problem';
import { knownHeadings } from './languages/languages.ts';
import { type NotesTemplate, type SectionRule, sectionRules, type TemplateSection } from './template.ts';

const mostSections = 30;
const mostLines = 100;

/**
 * Reads a template of the user's own: a Markdown file whose headings are the sections. docs/templates.md describes it.
 *
 * ```
 * # Weekly
 * ## Summary
 * ## Money
 * words: budget, cost, price
 * limit: 5
 * ```
 * @throws SpeakrError `invalid_request`; the detail names the line
 */
export function parseTemplate(text: string, fallbackName: string): NotesTemplate {
  const rows = withoutComments(text).map((row, index) => ({ row: row.trim(), line: index + 1 }));
  // A file with second-level headings has its name in the first-level one.
  const level = rows.some(({ row }) => /^##\s/.test(row)) ? 2 : 1;
  let name = fallbackName;
  const sections: (TemplateSection & { line: number })[] = [];
  for (const { row, line } of rows) {
    if (row === '') continue;
    const heading = /^(#{1,6})\s*(.*?)\s*#*$/.exec(row);
    if (heading) {
      const depth = heading[1]!.length;
      const title = heading[2]!;
      if (title === '') throw wrong(line, 'A heading has no text.');
      if (depth < level) {
        if (sections.length > 0) throw wrong(line, 'The name of the template must stand above its sections.');
        name = title.slice(0, 80);
      } else if (depth > level) throw wrong(line, 'Sections have no subsections.');
      else sections.push({ ...newSection(title, sections), line });
      continue;
    }
    const section = sections.at(-1);
    if (!section) throw wrong(line, 'Before the first section only a heading may stand.');
    sections[sections.length - 1] = { ...withSetting(section, row, line), line: section.line };
  }
  if (sections.length === 0)
    throw wrong(1, 'The template has no section: write a heading such as "## Summary".');
  if (sections.length > mostSections)
    throw wrong(sections[mostSections]!.line, `A template has at most ${mostSections} sections.`);
  return { name, sections: sections.map(({ line: _line, ...section }) => section) };
}

function newSection(title: string, others: readonly TemplateSection[]): TemplateSection {
  const rule = knownHeadings.get(title.toLowerCase());
  const base =
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'section';
  let id = base;
  for (let count = 2; others.some((other) => other.id === id); count++) id = `${base}-${count}`;
  return rule ? { id, heading: title, rule } : { id, heading: title, rule: 'about', words: [title] };
}

function withSetting(section: TemplateSection, row: string, line: number): TemplateSection {
  const setting = /^(?:[-*]\s+)?(\p{L}+)\s*:\s*(.*)$/u.exec(row);
  const [, key = '', value = ''] = setting ?? [];
  switch (key.toLowerCase()) {
    case 'rule': {
      const rule = value.trim().toLowerCase();
      if (!(sectionRules as readonly string[]).includes(rule)) {
        throw wrong(line, `There is no such rule; use one of ${sectionRules.join(', ')}.`);
      }
      return { ...section, rule: rule as SectionRule };
    }
    case 'words': {
      const words = value
        .split(',')
        .map((word) => word.trim())
        .filter(Boolean);
      if (words.length === 0) throw wrong(line, 'Name at least one word after "words:".');
      return { ...section, rule: 'about', words };
    }
    case 'limit': {
      const limit = Number(value);
      if (!Number.isInteger(limit) || limit < 1 || limit > mostLines) {
        throw wrong(line, `After "limit:" stands a number from 1 to ${mostLines}.`);
      }
      return { ...section, limit };
    }
    default:
      throw wrong(line, 'Under a heading only "rule:", "words:" and "limit:" may stand.');
  }
}

/** The lines of the text, with comments blanked, so that line numbers stay right. */
function withoutComments(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/<!--[\s\S]*?(?:-->|$)/g, (comment) => comment.replace(/[^\n]/g, ''))
    .split(/\r?\n/);
}

function wrong(line: number, what: string): SpeakrError {
  return new SpeakrError('invalid_request', `Template, line ${line}: ${what}`, {
    hint: 'docs/templates.md shows what a template may hold.',
  });
}
