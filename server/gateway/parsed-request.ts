import type { Route } from '@speakr/contracts/api';
import { SpeakrError } from '@speakr/contracts/problem';
import type { z } from 'zod';

/** What a route takes, as its schemas give it. @throws SpeakrError `invalid_request` */
export function parsedRequest(
  route: Route,
  { params, query, body }: { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown },
) {
  return {
    params: parsePart(route.params, withoutNul(params)),
    query: parsePart(route.query, withoutNul(query)),
    body: parsePart(route.body, body),
  };
}

/** @throws SpeakrError `invalid_request`, which names the field and not what was in it */
function parsePart(schema: z.ZodObject | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw new SpeakrError('invalid_request', issues.slice(0, 5).join('; '));
}

/** No name has one, and PostgreSQL takes none in any text. @throws SpeakrError `invalid_request` */
function withoutNul(values: unknown): unknown {
  if (Object.values(values ?? {}).some((value) => [value].flat().some((each) => `${each}`.includes('\0'))))
    throw new SpeakrError('invalid_request', 'A parameter holds a NUL character.');
  return values;
}
