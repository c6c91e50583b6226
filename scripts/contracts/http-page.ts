import { type Route, routes, scopeOf } from '../../contracts/api.ts';
import { type JsonSchema, namedSchemas, schemaOf } from './json-schema.ts';
import { reachable } from './openapi.ts';
import { schemaSections, schemaTable, typeOf } from './schema-table.ts';

/** The page for one call. */
function section(
  name: string,
  { method, path, summary, params, query, body, content, response, status }: Route,
): string {
  const parts = [`### ${name}`, `\`${method} ${path}\``, `${summary}.`];
  for (const [title, schema] of Object.entries({ Path: params, Query: query, Body: body }))
    if (schema !== undefined) parts.push(`${title}:`, fields(schemaOf(schema)));
  if (content !== undefined)
    parts.push(`Body: the bytes themselves, ${content.map((type) => `\`${type}\``).join(' or ')}`);
  parts.push(`Answer: ${answer(status, response)}`);
  return `${parts.join('\n\n')}\n`;
}

function fields(schema: JsonSchema): string {
  return schema.properties === undefined ? typeOf(schema) : schemaTable(schema);
}

function answer(status: number, response: Route['response']): string {
  if (response === null) return `${status}, empty`;
  if (!('parse' in response)) return `${status}, ${response.map((type) => `\`${type}\``).join(' or ')}`;
  const schema = schemaOf(response);
  return schema.properties === undefined
    ? `${status}, ${typeOf(schema)}`
    : `${status}\n\n${schemaTable(schema)}`;
}

/** docs/http-api.md: every call of the HTTP API and what travels with it. */
export function httpPage(): string {
  const calls = Object.entries<Route>(routes);
  const used = calls.map(([, route]) =>
    [
      route.params,
      route.query,
      route.body,
      route.response !== null && 'parse' in route.response ? route.response : undefined,
    ].map((schema) => (schema === undefined ? null : schemaOf(schema))),
  );
  return `# HTTP API

<!-- Written by scripts/generate-contracts.ts from contracts/api.ts. Do not edit. -->

Version 1, also as [OpenAPI](../contracts/generated/openapi.json). Everything but \`/health\` needs the token as a bearer
token: \`Authorization: Bearer …\`. The server of this machine writes address and token into \`run/server.json\` of its data
directory; \`speakr serve\` prints them. Errors are problem details with a stable [code](errors.md).

What holds for every call:

- **Scopes.** A call needs the scope that stands beside it; a login, and the token of this machine, have all of them.
- **Roles.** Calls below \`/v1/admin/\` need the role \`admin\` besides ([who has it](admin.md)); they also answer below
  \`/api/admin/\`.
- **Pages.** Lists give \`limit\` items (50) and \`nextCursor\` while there are more; pass that as \`cursor\`.
- **Versions.** What can be edited comes with an \`ETag\`; with \`If-Match\` it is changed only if it still is that, else 412.
- **Once.** A \`POST\` that changes something takes an \`Idempotency-Key\` of your choice: sent again under it, it is done once
  and answered the same for a day (\`Idempotency-Replayed: true\`).
- **Too much** is answered with 429 and \`Retry-After\`, in seconds.
- **Request ids.** A well-formed \`X-Request-Id\` (8 to 128 of letters, digits and \`_.:-\`) is kept, and is in the answer and
  in problems.

| call | | scope | |
| --- | --- | --- | --- |
${calls.map(([name, route]) => `| [${name}](#${name.toLowerCase()}) | \`${route.method} ${route.path}\` | ${[scopeOf(route), ...(route.role === undefined ? [] : [`role ${route.role}`])].join(', ')} | ${route.summary} |`).join('\n')}

## Calls

${calls.map(([name, route]) => section(name, route)).join('\n')}
## Schemas

${schemaSections(reachable(namedSchemas(), used))}`;
}
