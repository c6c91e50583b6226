import { keepsReply, type Route, routes, scopeOf } from '../../contracts/api.ts';
import { type JsonSchema, namedSchemas, schemaOf } from './json-schema.ts';

const problemResponse = {
  description: 'An expected error',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

function parameters(place: 'path' | 'query', schema: Route['params']): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema);
  return Object.entries(properties).map(([name, { description, examples, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    description,
    schema: rest,
    example: examples?.[0],
  }));
}

function responseBody({ response }: Route): object {
  if (response === null) return {};
  if ('parse' in response) return { content: { 'application/json': { schema: schemaOf(response) } } };
  return { content: Object.fromEntries(response.map((type) => [type, { schema: { type: 'string' } }])) };
}

const binary = (types: readonly string[]) =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]));

function operation(operationId: string, route: Route): object {
  const given = [
    ...parameters('path', route.params),
    ...parameters('query', route.query),
    ...(route.versioned && route.method !== 'GET' ? [ifMatch] : []),
    ...(keepsReply(route) ? [idempotencyKey] : []),
    ...(route.ranges ? [range] : []),
  ];
  return {
    operationId,
    summary: route.summary,
    ...(route.deprecated === undefined
      ? {}
      : { deprecated: true, 'x-sunset': route.deprecated.sunset, 'x-instead': route.deprecated.instead }),
    ...(route.role === undefined ? {} : { 'x-speakr-role': route.role }),
    security: [{ bearer: scopeOf(route) === 'any' ? [] : [scopeOf(route)] }],
    ...(given.length === 0 ? {} : { parameters: given }),
    ...(route.content === undefined
      ? {}
      : { requestBody: { required: true, content: binary(route.content) } }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(route.body) } },
          },
        }),
    responses: {
      [route.status]: { description: 'As asked', ...responseBody(route) },
      ...(route.ranges
        ? { 206: { description: 'The part that was asked for', ...responseBody(route) } }
        : {}),
      default: problemResponse,
    },
  };
}

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'ETag of what is to be changed; another version is answered with 412',
  schema: { type: 'string' },
};

const range = {
  name: 'Range',
  in: 'header',
  required: false,
  description: 'One range of bytes, so that what broke off can go on: `bytes=4096-` (RFC 9110)',
  schema: { type: 'string' },
};

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same for every try of one request: it is done once, and answered the same for a day',
  schema: { type: 'string', maxLength: 255 },
};

/**
 * The HTTP API as OpenAPI 3.1.
 * @param area what it is about, where it is a part of the API
 */
export function openApi(
  version: string,
  some: Readonly<Record<string, Route>> = routes,
  area?: { name: string; about: string },
): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries<Route>(some)) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operation(name, route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: area === undefined ? 'speakr' : `speakr ${area.name}`,
      version,
      description: `${area === undefined ? '' : `${area.about}. `}HTTP API of the speakr server. Errors are problem details (RFC 9457) with stable codes.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      {
        url: 'http://127.0.0.1:{port}',
        description: 'The server of this machine; `run/server.json` of its data directory has port and token',
        variables: { port: { default: '4711' } },
      },
    ],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: reachable(namedSchemas(), paths, ['Problem']),
    },
  };
}

/** The named schemas that a document needs, and those they need themselves. */
export function reachable(
  schemas: Record<string, JsonSchema>,
  document: unknown,
  always: readonly string[] = [],
): Record<string, JsonSchema> {
  const needed = new Set<string>();
  const visit = (value: unknown) => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (needed.has(name)) continue;
      needed.add(name);
      visit(schemas[name]);
    }
  };
  visit(document);
  visit(always.map((name) => ({ $ref: `#/components/schemas/${name}` })));
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => needed.has(name)));
}
