import type { NotesLanguage } from './languages/language.ts';
import { numbersIn } from './numbers.ts';
import { textMemory } from './text-memory.ts';

export interface Deadline {
  /** As said, with its preposition: "by Friday". */
  readonly when: string;
  /** ISO date, where it can be told. */
  readonly dueOn?: string;
  /** Where it stands in the text. */
  readonly from: number;
  readonly to: number;
}

const timeOnly =
  /^(?:\d{1,2}(?::\d{2})?\s*(?:a\.?m\.?|p\.?m\.?|uhr|h)?|now|jetzt|ahora|agora|maintenant|may|march|mar|sun|sat|mon|second|sec|\d+)$/i;

/**
 * The deadline a piece of speech names, if any: dates to come first, then things like "before the demo".
 * Days gone by, and days that only say which thing is meant ("the Friday meeting"), are none.
 */
export function findDeadline(text: string, startedAt: number, language: NotesLanguage): Deadline | undefined {
  return deadlines(`${language.code} ${startedAt} ${text}`, () => ({
    found: readDeadline(text, startedAt, language),
  })).found;
}

const deadlines = textMemory<{ readonly found: Deadline | undefined }>();

function readDeadline(text: string, startedAt: number, language: NotesLanguage): Deadline | undefined {
  const dates = datesIn(text, startedAt, language);
  const best = dates.find((date) => date.led) ?? dates[0];
  const vague = vagueDeadline(text, language);
  if (best && vague && vague.from < best.from && vague.to >= best.to) return { ...vague, dueOn: best.dueOn };
  if (!best || !vague) return best ?? vague;
  return best.led || overlaps(best, vague) ? best : vague;
}

function datesIn(text: string, startedAt: number, language: NotesLanguage): (Deadline & { led: boolean })[] {
  const reference = new Date(startedAt);
  const dates: (Deadline & { led: boolean })[] = [];
  for (const match of text.matchAll(new RegExp(language.endOf, 'giu'))) {
    dates.push({
      ...withLead(
        text,
        match.index,
        match.index + match[0].length,
        endOf(match[1] ?? match[2]!, match[0], reference),
        language,
      ),
      led: true,
    });
  }
  for (const match of text.matchAll(new RegExp(language.dayOfMonth, 'giu'))) {
    const [day] = match.groups!.digits
      ? [Number(match.groups!.digits)]
      : numbersIn(match.groups!.word!, true);
    const from = match.index;
    // "The first of March", "March the first": the calendar of chrono knows better.
    if (
      day === undefined ||
      language
        .parseDates(text.slice(Math.max(0, from - 12)), reference)
        .some(
          (result) =>
            /[a-z]{3,}/i.test(result.text) &&
            result.index < 12 + match[0].length &&
            result.start.isCertain('month'),
        )
    )
      continue;
    dates.push(withLead(text, from, from + match[0].length, dayInMonth(day, reference), language));
  }
  for (const result of language.parseDates(text, reference)) {
    const to = result.index + result.text.length;
    if (dates.some((date) => result.index < date.to && to > date.from)) continue;
    if (timeOnly.test(result.text.trim()) || /\b(?:second|sec|moment|minute)s?$/i.test(result.text)) continue;
    if (isAttribute(text, result.index, to)) continue;
    const { start } = result;
    const certain = start.isCertain('day') || start.isCertain('weekday');
    const vagueSpan =
      /\b(?:week(?:end)?|month|quarter|year|woche|monat|semaine|mois|semana|mes|mês|tuần|tháng)\b/iu.test(
        result.text,
      ) && !/\d|\b(?:in|within|one|two|three|four|five|six|a)\b/i.test(result.text);
    const date = start.date();
    // On a Monday, "by Monday" means the next one.
    if (dayOf(date) === dayOf(reference) && start.isCertain('weekday') && !start.isCertain('day')) {
      date.setDate(date.getDate() + 7);
    }
    if (dayOf(date) < dayOf(reference)) continue;
    const today = dayOf(date) === dayOf(reference) && !start.isCertain('month') && !certain;
    const dueOn = vagueSpan || !(certain || (today && !start.isCertain('month'))) ? undefined : dayOf(date);
    dates.push(withLead(text, result.index, to, dueOn, language));
  }
  return dates.sort((left, right) => left.from - right.from);
}

function withLead(
  text: string,
  from: number,
  to: number,
  dueOn: string | undefined,
  language: NotesLanguage,
): Deadline & { led: boolean } {
  const lead = text.slice(0, from).match(language.deadlineLead);
  const start = lead ? from - lead[0].length : from;
  return {
    when: text.slice(start, to).replace(/[\s,;.]+$/, ''),
    ...(dueOn === undefined ? {} : { dueOn }),
    from: start,
    to,
    led: lead !== null,
  };
}

function overlaps(left: Deadline, right: Deadline): boolean {
  return left.from < right.to && right.from < left.to;
}

function vagueDeadline(text: string, language: NotesLanguage): Deadline | undefined {
  const match = language.deadlines.exec(text);
  if (!match) return undefined;
  return { when: match[0].replace(/[\s,;.]+$/, ''), from: match.index, to: match.index + match[0].length };
}

/** "The Friday meeting", "from last Tuesday", "Monday's numbers": a day that names a thing, not a deadline. */
function isAttribute(text: string, from: number, to: number): boolean {
  const before = text.slice(0, from).toLowerCase();
  const after = text.slice(to).toLowerCase();
  if (/(?:\b(?:from|since|of|last|about|yesterday)|\bvon|\bseit|\bdepuis|\bdesde)\s+$/.test(before))
    return true;
  if (/^['’]s?\b/.test(after) || /^s['’]/.test(after)) return true;
  return (
    /\b(?:the|our|that|a)\s+$/.test(before) &&
    /^\s+(?!and\b|or\b|at\b|by\b|in\b|on\b|for\b|to\b|so\b|then\b|of\b|please\b|morning|afternoon|evening|after\b|before\b|if\b|because\b|with\b|when\b|is\b|works\b|at\b)\p{L}/u.test(
      after,
    )
  );
}

function endOf(unit: string, said: string, reference: Date): string | undefined {
  const date = new Date(reference);
  const next = /next|nächst|prochain|que viene|próxim|sau|tới/i.test(said);
  if (/day|tag|jour|día|dia|ngày|eod|cob/i.test(unit)) return dayOf(date);
  if (/week|woche|semaine|semana|tuần|eow/i.test(unit)) {
    // A working week ends on Friday; on a weekend the coming week is meant.
    date.setDate(date.getDate() + ((5 - date.getDay() + 7) % 7) + (next ? 7 : 0));
    return dayOf(date);
  }
  if (/year|jahr|année|an$|año|ano|năm/i.test(unit)) {
    return dayOf(new Date(date.getFullYear() + (next ? 1 : 0), 11, 31));
  }
  if (/quarter|quartal|trimestre|quý/i.test(unit)) {
    const quarter = Math.floor(date.getMonth() / 3) + (next ? 1 : 0);
    return dayOf(new Date(date.getFullYear(), quarter * 3 + 3, 0));
  }
  if (/^(?:month|monat|mois|mes|mês|tháng)/i.test(unit)) {
    return dayOf(new Date(date.getFullYear(), date.getMonth() + (next ? 2 : 1), 0));
  }
  const month = months.findIndex((name) => unit.toLowerCase().startsWith(name));
  if (month >= 0) {
    const year = date.getFullYear() + (month < date.getMonth() ? 1 : 0);
    return dayOf(new Date(year, month + 1, 0));
  }
  return undefined;
}

/** The next such day of a month. */
function dayInMonth(day: number, reference: Date): string | undefined {
  for (let ahead = 0; ahead < 3; ahead++) {
    const date = new Date(reference.getFullYear(), reference.getMonth() + ahead, day);
    if (date.getDate() === day && dayOf(date) > dayOf(reference)) return dayOf(date);
  }
  return undefined;
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

function dayOf(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}
