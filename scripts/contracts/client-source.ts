import { keepsReply, type Route, routes } from '../../contracts/api.ts';
import { type JsonSchema, namedSchemas, nameOfRef, schemaOf } from './json-schema.ts';
import { reachable } from './openapi.ts';

const comment = (text: string | undefined, indent: string) =>
  text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '* /')} */\n`;

/** A JSON Schema as a TypeScript type. */
function typeOf(schema: JsonSchema, indent = ''): string {
  if (schema.$ref !== undefined) return nameOfRef(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.oneOf ?? schema.anyOf;
  if (union !== undefined) return union.map((option) => typeOf(option, indent)).join(' | ');
  if (schema.type === 'array') return `(${typeOf(schema.items ?? {}, indent)})[]`;
  if (schema.type === 'integer') return 'number';
  if (schema.type !== 'object') return schema.type ?? 'unknown';
  if (schema.properties === undefined) {
    const values = schema.additionalProperties;
    return `Record<string, ${typeof values === 'object' ? typeOf(values, indent) : 'unknown'}>`;
  }
  const fields = Object.entries(schema.properties).map(([name, property]) => {
    const optional = schema.required?.includes(name) ? '' : '?';
    const inner = `${indent}  `;
    return `${comment(property.description, inner)}${inner}${name}${optional}: ${typeOf(property, inner)};\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

/** What a method takes: one object with the parts of the request that its route has. */
function inputType(route: Route): string {
  const parts = (['params', 'query', 'body'] as const).flatMap((part) => {
    const schema = route[part];
    if (schema === undefined) return [];
    const json = schemaOf(schema);
    const required = json.$ref !== undefined || (json.required ?? []).length > 0;
    return [{ required, text: `${part}${required ? '' : '?'}: ${typeOf(json, '    ')}` }];
  });
  if (route.content !== undefined)
    parts.push({ required: true, text: 'content: Uint8Array | ReadableStream<Uint8Array>' });
  const optional = parts.every(({ required }) => !required);
  const type =
    parts.length === 0 ? 'Record<string, never>' : `{ ${parts.map(({ text }) => text).join('; ')} }`;
  return `input${optional ? '?' : ''}: ${type}`;
}

function resultType({ response }: Route): string {
  if (response === null) return 'void';
  return 'parse' in response ? typeOf(schemaOf(response)) : 'Response';
}

/** The typed client: one method a route. Needs nothing but types, so that it runs anywhere. */
export function clientSource(): string {
  const entries = Object.entries<Route>(routes);
  const signatures = entries.map(
    ([name, route]) =>
      `${comment(route.summary, '  ')}  ${name}(${inputType(route)}, options?: CallOptions): Promise<${resultType(route)}>;\n`,
  );
  const schemas = reachable(
    namedSchemas(),
    entries.flatMap(([, { params, query, body, response }]) =>
      [params, query, body, response]
        .filter((part) => part !== undefined && part !== null && 'parse' in part)
        .map((part) => schemaOf(part as never)),
    ),
  );
  const types = Object.entries(schemas).map(
    ([name, schema]) => `${comment(schema.description, '')}export type ${name} = ${typeOf(schema)};\n`,
  );
  const table = entries.map(([name, route]) => {
    const { method, path, response } = route;
    const once = keepsReply(route) ? ', once: true' : '';
    const kind = response === null ? 'none' : 'parse' in response ? 'json' : 'document';
    return `  ${name}: { method: '${method}', path: '${path}', response: '${kind}'${once} },\n`;
  });
  return `// Written by scripts/generate-contracts.ts from contracts/api.ts. Do not edit.

${types.join('\n')}
export interface CallOptions {
  signal?: AbortSignal;
}

/** The HTTP API. Methods reject with what the transport makes of a problem. */
export interface SpeakrClient {
${signatures.join('\n')}}

/** How each method travels. */
export const clientRoutes = {
${table.join('')}} as const satisfies Record<keyof SpeakrClient, ClientRoute>;

export interface ClientRoute {
  readonly method: string;
  /** Path with \`{name}\` for parameters. */
  readonly path: string;
  readonly response: 'none' | 'json' | 'document';
  /** Done once for an Idempotency-Key, however often it comes. */
  readonly once?: true;
}
`;
}
