import { type Route, routes } from '../../contracts/api.ts';

/** Shortest time for which something that is deprecated goes on to work. */
export const NOTICE_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;
const DAY = /^\d{4}-\d\d-\d\d$/;

export interface Deprecation {
  readonly what: string;
  readonly since: string;
  readonly sunset: string;
  readonly instead: string;
}

/** What is deprecated, what ends first first. */
export const deprecations = (all: Readonly<Record<string, Route>> = routes): Deprecation[] =>
  Object.values(all)
    .flatMap(({ method, path, deprecated }) =>
      deprecated === undefined ? [] : [{ what: `${method} ${path}`, ...deprecated }],
    )
    .sort((a, b) => (a.sunset < b.sunset ? -1 : 1));

/** What is wrong with them, one line each. */
export const deprecationProblems = (all: readonly Deprecation[]): string[] =>
  all.flatMap(({ what, since, sunset }) => {
    if (!DAY.test(since) || !DAY.test(sunset)) return [`${what}: days are written like 2027-03-01`];
    const days = (Date.parse(sunset) - Date.parse(since)) / DAY_MS;
    return days >= NOTICE_DAYS
      ? []
      : [`${what}: ends ${days} days after it was deprecated, not ${NOTICE_DAYS}`];
  });
