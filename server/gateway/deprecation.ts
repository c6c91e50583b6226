import type { Route } from '@speakr/contracts/api';

/** What an answer of a deprecated route says: since when (RFC 9745), until when (RFC 8594), and where to read on. */
export function deprecationHeaders({ deprecated }: Pick<Route, 'deprecated'>): Record<string, string> {
  if (deprecated === undefined) return {};
  return {
    deprecation: `@${Date.parse(deprecated.since) / 1000}`,
    sunset: new Date(deprecated.sunset).toUTCString(),
    link: '<https://speakr.dev/contracts#deprecation>; rel="deprecation"',
  };
}
