import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { type JsonSchema, nameOfRef } from '../../scripts/contracts/json-schema.ts';
import type { Chance } from '../faults/random.ts';

/** Values of the schemas of a document: such as it allows, and such as it does not. */
export interface SchemaValues {
  /** @param name of the field, for ids that are there */
  valid(schema: JsonSchema, name?: string): unknown;
  /** A valid value with one to three places spoilt. */
  spoilt(schema: JsonSchema, name?: string): unknown;
}

export const pick = <T>(chance: Chance, all: readonly T[]): T => all[chance.between(0, all.length - 1)] as T;

const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** What programs stumble over. */
const hostile: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0,
  () => 0.5,
  () => 1e308,
  () => 2 ** 31,
  () => 2 ** 53 - 1,
  () => 2 ** 63,
  () => '',
  () => ' ',
  () => '\u0000',
  () => 'a\u0000b',
  () => '\ud800',
  () => '\u202e\ufeff\u200b',
  () => "' or 1=1; drop table speakr.recordings; --",
  () => '$(id) `id` {{7*7}} %s%n',
  () => '../../../../etc/passwd',
  () => '%00%2e%2e%2f',
  () => 'x\r\nSet-Cookie: a=b',
  () => '-9007199254740993',
  () => 'NaN',
  () => '1e3',
  () => '[object Object]',
  () => 'constructor',
  () => '🎙'.repeat(200),
  () => 'a'.repeat(5000),
  () => 'a'.repeat(70_000),
  () => [],
  () => ({}),
  () => Array.from({ length: 3000 }, () => 'a'),
  () => deep(400),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
];

export const hostileValue = (chance: Chance): unknown => pick(chance, hostile)();

/**
 * @param components schemas that references name
 * @param known ids by the name of the field that holds one
 */
export function schemaValues(
  components: Readonly<Record<string, JsonSchema>>,
  known: (name: string) => readonly string[],
  chance: Chance,
): SchemaValues {
  function text({ examples, minLength = 0, maxLength = 40, pattern, format }: JsonSchema): string {
    const example = examples?.[0];
    if (format === 'uuid') return chance.next() < 0.3 ? String(example) : uuidv7();
    if (pattern !== undefined || (example !== undefined && chance.next() < 0.6)) return String(example);
    const [least, most] = [Number(minLength), Math.min(Number(maxLength), 300)];
    return randomBytes(most).toString('base64').slice(0, chance.between(least, most));
  }

  function number({ minimum = 0, maximum = 100_000, examples, type }: JsonSchema): number {
    const [least, most] = [Number(minimum), Number(maximum)];
    const choice = chance.next();
    if (choice < 0.2) return least;
    if (choice < 0.4) return most;
    if (choice < 0.6 && typeof examples?.[0] === 'number') return examples[0];
    const between = least + chance.next() * (most - least);
    return type === 'integer' ? Math.floor(between) : between;
  }

  function valid(schema: JsonSchema, name = ''): unknown {
    const ids = known(name);
    if (ids.length > 0 && chance.next() < 0.85) return pick(chance, ids);
    if (schema.$ref !== undefined) return valid(components[nameOfRef(schema.$ref)] ?? {}, name);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return pick(chance, schema.enum);
    const union = schema.oneOf ?? schema.anyOf;
    if (union !== undefined) return valid(pick(chance, union), name);
    if (schema.type === 'string') return text(schema);
    if (schema.type === 'integer' || schema.type === 'number') return number(schema);
    if (schema.type === 'boolean') return chance.next() < 0.5;
    if (schema.type === 'array') {
      const least = Number(schema.minItems ?? 0);
      const most = Math.min(Number(schema.maxItems ?? 3), least + 3);
      return Array.from({ length: chance.between(least, most) }, () => valid(schema.items ?? {}));
    }
    if (schema.properties === undefined && typeof schema.additionalProperties === 'object') {
      const { additionalProperties } = schema;
      return Object.fromEntries(
        Array.from({ length: chance.between(0, 3) }, (_, index) => [
          `key${index}`,
          valid(additionalProperties),
        ]),
      );
    }
    const properties = Object.entries(schema.properties ?? {}).filter(
      ([key]) => schema.required?.includes(key) || chance.next() < 0.5,
    );
    return Object.fromEntries(properties.map(([key, inner]) => [key, valid(inner, key)]));
  }

  return {
    valid,
    spoilt(schema, name) {
      let value = valid(schema, name);
      for (let count = chance.between(1, 3); count > 0; count -= 1) value = spoil(value, chance);
      return value;
    },
  };
}

/** The value with one place of it changed, taken away or added. */
function spoil(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance.next() < 0.1) return hostileValue(chance);
  const keys = Object.keys(value);
  if (Array.isArray(value)) {
    if (keys.length === 0) return [hostileValue(chance)];
    const at = chance.between(0, keys.length - 1);
    return value.map((inner, index) => (index === at ? spoil(inner, chance) : inner));
  }
  const key = keys.length === 0 ? 'extra' : pick(chance, keys);
  const change = chance.next();
  const { [key]: inner, ...others } = value as Record<string, unknown>;
  if (change < 0.15) return others;
  if (change < 0.25)
    return { ...value, [pick(chance, ['extra', '__proto__', 'toString'])]: hostileValue(chance) };
  return { ...others, [key]: spoil(inner, chance) };
}
