import { z } from 'zod';

/**
 * Attaches what every field of a contract carries: a description (with the unit) and an example.
 * `contracts/fields.test.ts` fails for a field that lacks one.
 */
export function field<S extends z.ZodType>(schema: S, description: string, example: z.input<S>): S {
  return schema.meta({ description, examples: [example] }) as S;
}

/** UUIDv7, made by the client, so that creation is idempotent and works offline. */
export const recordingId = () =>
  field(
    z.uuid(),
    'Recording id: UUIDv7 made by the client that records.',
    '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e',
  );

/** Milliseconds since the first captured sample of the recording. */
export const offsetMs = (description: string, example = 1250) =>
  field(z.int().min(0), `${description}, in ms since the first captured sample`, example);

/** A length of time in whole milliseconds. */
export const durationMs = (description: string, example = 61_250) =>
  field(z.int().min(0), `${description}, in ms`, example);

/** A point in time: integer milliseconds since 1970-01-01T00:00:00Z. */
export const timestampMs = (description: string) =>
  field(z.int().min(0), `${description}, in ms since the Unix epoch (UTC)`, 1_795_262_400_000);

/** Two-letter ISO 639-1 code. */
export const language = () =>
  field(z.string().regex(/^[a-z]{2}$/), 'Spoken language, ISO 639-1, two lower-case letters', 'en');

/** Where in a transcript something was said: stable over revisions because it carries the times. */
export const Evidence = z
  .object({
    revision: field(z.int().min(1), 'Transcript revision the segment belongs to', 1),
    segmentId: field(z.string(), 'Segment id: revision.track.index', '1.0.12'),
    startMs: offsetMs('Start of the span', 61_250),
    endMs: offsetMs('End of the span', 64_900),
  })
  .meta({ id: 'Evidence', description: 'The span of speech a statement rests on' });
export type Evidence = z.infer<typeof Evidence>;
