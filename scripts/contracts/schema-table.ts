import type { JsonSchema } from './json-schema.ts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('\n', ' ');

/** The anchor of a named schema, with the same name on every page. */
const linkTo = (reference: string) => {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  return `[${name}](#${name.toLowerCase()})`;
};

/** What a value may be, in few words. */
export function typeOf(schema: JsonSchema): string {
  const { $ref, type, anyOf, oneOf, enum: choices, const: only, items, format } = schema;
  if ($ref !== undefined) return linkTo($ref);
  if (only !== undefined) return `\`${only}\``;
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  const alternatives = anyOf ?? oneOf;
  if (alternatives !== undefined) return [...new Set(alternatives.map(typeOf))].join(' or ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  return [type, format].filter((word) => word !== undefined).join(', ') || 'any';
}

/** The fields of an object as a Markdown table; what it is when it is none. */
export function schemaTable(schema: JsonSchema): string {
  const { properties, required = [] } = schema;
  if (properties === undefined) return `${typeOf(schema)}`;
  const rows = Object.entries(properties).map(([name, field]) => {
    const optional = required.includes(name) ? '' : 'optional';
    return `| \`${name}\` | ${cell(typeOf(field))} | ${optional} | ${cell(field.description ?? '')} |`;
  });
  return rows.length === 0
    ? 'No fields.'
    : ['| field | type | | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The named schemas that a page refers to. */
export const schemaSections = (schemas: Readonly<Record<string, JsonSchema>>): string =>
  Object.entries(schemas)
    .map(
      ([name, schema]) =>
        `### ${name}\n\n${schema.description ? `${cell(schema.description)}\n\n` : ''}${schemaTable(schema)}\n`,
    )
    .join('\n');
