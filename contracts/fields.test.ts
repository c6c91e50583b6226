import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type Route, routes } from './api.ts';
import { RecordEvent, TranscribeFailure, TranscribeResult } from './cli-json.ts';
import { Envelope, messageData } from './events.ts';
import { ModelInfo } from './model.ts';
import { Problem } from './problem.ts';
import { ClientMessage, ServerMessage } from './stream.ts';

/** Everything that travels, by name. */
const roots: Record<string, z.ZodType> = {
  ClientMessage,
  ServerMessage,
  Envelope,
  Problem,
  ModelInfo,
  TranscribeResult,
  TranscribeFailure,
  RecordEvent,
  ...messageData,
};
for (const [name, route] of Object.entries<Route>(routes))
  for (const part of ['params', 'query', 'body', 'response'] as const) {
    const schema = route[part];
    if (schema && 'parse' in schema) roots[`${name} ${part}`] = schema;
  }

interface Field {
  readonly path: string;
  readonly schema: z.ZodType;
  /** The schema without `optional`, where the description may be. */
  readonly inner: z.ZodType;
}

/** All properties of all objects below a schema, each schema once. */
function fieldsOf(path: string, schema: z.ZodType, seen: Set<z.ZodType>): Field[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, property]) => {
      const inner = property instanceof z.ZodOptional ? (property.unwrap() as z.ZodType) : property;
      return [
        { path: `${path}.${key}`, schema: property, inner },
        ...fieldsOf(`${path}.${key}`, inner, seen),
      ];
    });
  if (schema instanceof z.ZodArray) return fieldsOf(`${path}[]`, schema.element as z.ZodType, seen);
  if (schema instanceof z.ZodOptional) return fieldsOf(path, schema.unwrap() as z.ZodType, seen);
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodDiscriminatedUnion)
    return (schema.options as z.ZodType[]).flatMap((option, index) =>
      fieldsOf(`${path}|${index}`, option, seen),
    );
  return [];
}

const seen = new Set<z.ZodType>();
const fields = Object.entries(roots).flatMap(([name, schema]) => fieldsOf(name, schema, seen));

/** Says what it is by itself: a message's type, and objects whose schema carries description and fields. */
const isPlain = ({ inner }: Field) => !(inner instanceof z.ZodLiteral) && !isDescribedObject(inner);
const isDescribedObject = (schema: z.ZodType) =>
  schema instanceof z.ZodObject && schema.meta()?.id !== undefined;

test('there are fields to look at', () => {
  assert.ok(fields.length > 250, `${fields.length}`);
});

test('every field has a description and an example', () => {
  const bare = fields.filter(isPlain).filter(({ schema, inner }) => {
    const meta = { ...inner.meta(), ...schema.meta() };
    return !meta.description || !Array.isArray(meta.examples) || meta.examples.length === 0;
  });
  // Members of an object that itself is described with an example need none of their own.
  const lacking = bare.filter(({ path }) => !fields.some((outer) => isExemplified(outer, path)));
  assert.deepEqual(
    lacking.map(({ path }) => path),
    [],
  );
});

function isExemplified({ path, inner }: Field, member: string): boolean {
  if (!member.startsWith(`${path}.`) && !member.startsWith(`${path}[].`)) return false;
  const [example] = (inner.meta()?.examples ?? []) as unknown[];
  const value = Array.isArray(example) ? example[0] : example;
  const key = member.slice(member.lastIndexOf('.') + 1);
  return typeof value === 'object' && value !== null && key in value;
}

test('every example is valid', () => {
  for (const { path, inner } of fields)
    for (const example of (inner.meta()?.examples as unknown[] | undefined) ?? []) {
      const parsed = inner.safeParse(example);
      assert.ok(parsed.success, `${path}: ${JSON.stringify(example)}: ${parsed.error?.message}`);
    }
});

test('what counts time or size says its unit', () => {
  const unclear = fields.filter(({ path, inner }) => {
    const description = inner.meta()?.description ?? '';
    if (/Ms$/.test(path)) return !/\bms\b/.test(description) && !isDescribedObject(inner);
    if (/[a-z]Bytes$|\.bytes$/.test(path)) return !/byte/i.test(description);
    return false;
  });
  assert.deepEqual(
    unclear.map(({ path, inner }) => `${path}: ${inner.meta()?.description}`),
    [],
  );
});
