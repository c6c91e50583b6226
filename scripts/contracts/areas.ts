import { type Route, routes } from '../../contracts/api.ts';

/** The documents that the API is cut into, and what each is about. */
export const areas = {
  gateway: 'Who asks, what they have, and how the server is',
  ingestion: 'Files and recordings that are taken in',
  asr: 'What was said: transcripts, revisions, and the jobs that make them',
  metadata: 'What belongs to a recording: titles, tags, notes, shares, audio',
  search: 'Finding what was said',
} as const;
export type Area = keyof typeof areas;

/** The first that fits. */
const places: readonly (readonly [Area, RegExp])[] = [
  ['search', /^\/v1\/query/],
  ['ingestion', /^\/v1\/uploads/],
  ['asr', /^\/v1\/(jobs|vocabulary)|\/(transcript|revisions|retranscribe)$/],
  ['metadata', /^\/v1\/(recordings|actions|shared)/],
  ['gateway', /./],
];

export function areaOf(path: string): Area {
  return places.find(([, pattern]) => pattern.test(path))?.[0] ?? 'gateway';
}

/** The routes of an area, by name. */
export const routesOf = (area: Area): Record<string, Route> =>
  Object.fromEntries(Object.entries<Route>(routes).filter(([, { path }]) => areaOf(path) === area));
