import { SpeakrError } from '@speakr/contracts/problem';

/** `62000` → `01:02`, from an hour on `1:01:02`. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** `1:02:03`, `12:34`, `95` or `1.5` (seconds) → ms. @throws SpeakrError `usage` */
export function parseClockTime(text: string): number {
  const match = /^(?:(?:(\d+):)?(\d{1,4}):)?(\d+(?:\.\d+)?)$/.exec(text.trim());
  if (match === null)
    throw new SpeakrError('usage', `"${text}" is not a time.`, { hint: 'Write it as mm:ss.' });
  return Math.round((Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3])) * 1000);
}

const units: Record<string, number> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A date (`2026-11-21`, in local time), a date and time, or an age (`12h`, `7d`, `2w`) → ms since the Unix epoch.
 * @throws SpeakrError `usage`
 */
export function parseMoment(text: string, now: number): number {
  const age = /^(\d+)([hdw])$/.exec(text);
  if (age !== null) return now - Number(age[1]) * (units[age[2] ?? ''] ?? 0);
  // A bare date is UTC by the standard, but people mean their own day.
  const time = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
  if (Number.isNaN(time))
    throw new SpeakrError('usage', `"${text}" is not a date.`, {
      hint: 'Write 2026-11-21, or an age such as 7d.',
    });
  return time;
}

/** Local date and time, `2026-11-21 14:05`. */
export function dateTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `1536` → `1.5 KB`. */
export function byteSize(bytes: number): string {
  const names = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${names[power]}`;
}

/** The characters of an id that people see: prefixes of UUIDv7 are alike, their ends are not. */
export const shortId = (id: string): string => id.slice(-6);

/** `7` → `7 ms`, `1500` → `1.5 s`, `90000` → `1.5 min`, `7200000` → `2 h`. */
export function duration(ms: number): string {
  const one = (value: number, unit: string) => `${Number(value.toFixed(value < 10 ? 1 : 0))} ${unit}`;
  if (ms < 1000) return one(ms, 'ms');
  if (ms < 60_000) return one(ms / 1000, 's');
  if (ms < 3_600_000) return one(ms / 60_000, 'min');
  return one(ms / 3_600_000, 'h');
}
