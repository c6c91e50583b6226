import '../../contracts/api.ts';
import '../../contracts/cli-json.ts';
import '../../contracts/events.ts';
import '../../contracts/model.ts';
import '../../contracts/stream.ts';
import { z } from 'zod';

export interface JsonSchema {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  description?: string;
  examples?: unknown[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  [keyword: string]: unknown;
}

const SCHEMAS = '#/components/schemas/';

/** Name of a component that a `$ref` points to. */
export const nameOfRef = (ref: string): string => ref.slice(SCHEMAS.length);

/** Drops what zod says of its own accord: other fields may be added any time, and integers are safe integers. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) =>
      key !== '$schema' &&
      key !== '$id' &&
      !(key === 'additionalProperties' && inner === false) &&
      !((key === 'maximum' || key === 'minimum') && Math.abs(Number(inner)) === Number.MAX_SAFE_INTEGER),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, key === 'examples' ? inner : tidy(inner)]));
}

const conversion = { target: 'draft-2020-12', io: 'output', uri: (id: string) => SCHEMAS + id } as const;

/** JSON Schemas of everything in contracts/ that has a name, in the order of the names. */
export function namedSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, conversion);
  const sorted = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return tidy(Object.fromEntries(sorted)) as Record<string, JsonSchema>;
}

/** JSON Schema of a schema without a name; what has one inside it becomes a reference. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const id = z.globalRegistry.get(schema)?.id;
  if (id !== undefined) return { $ref: SCHEMAS + id };
  const { $defs, ...schemaAlone } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'output' });
  const text = JSON.stringify(schemaAlone).replaceAll('"#/$defs/', `"${SCHEMAS}`);
  return tidy(JSON.parse(text)) as JsonSchema;
}
