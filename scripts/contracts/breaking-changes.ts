import type { JsonSchema } from './json-schema.ts';

/** A difference between two versions of a contract. */
export interface Change {
  /** Whether somebody who relied on the old version notices. */
  readonly breaking: boolean;
  /** `GET /v1/recordings answer.recordings[].title` */
  readonly where: string;
  readonly what: string;
}

/** Who makes what is described: clients must go on to be understood, and to understand. */
type Direction = 'request' | 'answer';

interface Operation {
  readonly deprecated?: boolean;
  readonly 'x-sunset'?: string;
  readonly security?: readonly { bearer?: readonly string[] }[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: JsonSchema }[];
  readonly requestBody?: { content: Readonly<Record<string, { schema: JsonSchema }>> };
  readonly responses: Readonly<
    Record<string, { content?: Readonly<Record<string, { schema: JsonSchema }>> }>
  >;
}

export interface OpenApiDocument {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export interface AsyncApiDocument {
  readonly info: { readonly version: string };
  readonly channels: Readonly<
    Record<string, { address: string; messages: Readonly<Record<string, { payload: JsonSchema }>> }>
  >;
  readonly operations: Readonly<Record<string, { action: string; messages: readonly { $ref: string }[] }>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** Limits of a value: which way is narrower. */
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const;
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const;

interface Documents {
  readonly before: Readonly<Record<string, JsonSchema>>;
  readonly after: Readonly<Record<string, JsonSchema>>;
}

function resolve(schema: JsonSchema | undefined, schemas: Readonly<Record<string, JsonSchema>>): JsonSchema {
  let at = schema ?? {};
  while (at.$ref !== undefined) at = schemas[at.$ref.slice(at.$ref.lastIndexOf('/') + 1)] ?? {};
  return at;
}

const typeOf = (schema: JsonSchema): string =>
  schema.const !== undefined ? typeof schema.const : (schema.type ?? (schema.enum ? 'string' : 'any'));

/** Differences of a value that is sent (`request`) or received (`answer`) by those who rely on the old version. */
function schemaChanges(
  oldSchema: JsonSchema | undefined,
  newSchema: JsonSchema | undefined,
  {
    documents,
    direction,
    where,
    seen,
  }: {
    documents: Documents;
    direction: Direction;
    where: string;
    seen: ReadonlySet<string>;
  },
): Change[] {
  const name = oldSchema?.$ref;
  if (name !== undefined && seen.has(name)) return [];
  const inside = (part: string) => ({
    documents,
    direction,
    where: `${where}${part}`,
    seen: name === undefined ? seen : new Set([...seen, name]),
  });
  const before = resolve(oldSchema, documents.before);
  const after = resolve(newSchema, documents.after);
  const choices = [before, after].map((schema) => schema.oneOf ?? schema.anyOf ?? schema.allOf);
  if (choices[0] !== undefined || choices[1] !== undefined) {
    const [olds = [before], news = [after]] = choices;
    const changes = olds.flatMap((old, index) => {
      const other = matching(old, news, index, documents);
      if (other === undefined)
        return direction === 'request'
          ? [{ breaking: true, where, what: 'a form is not taken any more' }]
          : [];
      return schemaChanges(old, other, inside(''));
    });
    if (news.length > olds.length) changes.push({ breaking: false, where, what: 'there is another form' });
    return changes;
  }
  if (typeOf(before) !== typeOf(after)) {
    const widened = direction === 'request' && typeOf(before) === 'integer' && typeOf(after) === 'number';
    return [{ breaking: !widened, where, what: `${typeOf(before)} has become ${typeOf(after)}` }];
  }
  return [
    ...valueChanges(before, after, direction, where),
    ...limitChanges(before, after, direction, where),
    ...propertyChanges(before, after, direction, where, inside),
    ...(before.items === undefined && after.items === undefined
      ? []
      : schemaChanges(before.items, after.items, inside('[]'))),
    ...(typeof before.additionalProperties === 'object' && typeof after.additionalProperties === 'object'
      ? schemaChanges(before.additionalProperties, after.additionalProperties, inside('{}'))
      : []),
  ];
}

/** The form of a union that stands for the same: by its name, by its `type` field, else by its place. */
function matching(old: JsonSchema, news: readonly JsonSchema[], index: number, documents: Documents) {
  const mark = (schema: JsonSchema, schemas: Documents['before']) => {
    const at = resolve(schema, schemas);
    return schema.$ref ?? at.properties?.type?.const ?? at.const ?? at.type;
  };
  const wanted = mark(old, documents.before);
  if (wanted === undefined) return news[index];
  return news.find((each) => mark(each, documents.after) === wanted);
}

function valueChanges(before: JsonSchema, after: JsonSchema, direction: Direction, where: string): Change[] {
  const values = (schema: JsonSchema) =>
    schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const [old, now] = [values(before), values(after)];
  if (old === undefined && now === undefined) return [];
  if (old === undefined)
    return [{ breaking: direction === 'request', where, what: 'only some values are left' }];
  if (now === undefined) return [{ breaking: direction === 'answer', where, what: 'any value is possible' }];
  return [
    ...old
      .filter((value) => !now.includes(value))
      .map((value) => ({
        breaking: direction === 'request',
        where,
        what: `the value ${String(value)} is gone`,
      })),
    ...now
      .filter((value) => !old.includes(value))
      .map((value) => ({ breaking: false, where, what: `there is the value ${String(value)}` })),
  ];
}

function limitChanges(before: JsonSchema, after: JsonSchema, direction: Direction, where: string): Change[] {
  const changes: Change[] = [];
  const change = (narrower: boolean, what: string) =>
    changes.push({ breaking: direction === 'request' ? narrower : false, where, what });
  for (const [keys, sign] of [
    [UPPER, 1],
    [LOWER, -1],
  ] as const)
    for (const key of keys) {
      const none = Number.POSITIVE_INFINITY;
      const [old, now] = [before, after].map((schema) => sign * Number(schema[key] ?? sign * none));
      if (old !== now)
        change(now! < old!, `${key} was ${before[key] ?? 'absent'} and is ${after[key] ?? 'absent'}`);
    }
  for (const key of ['pattern', 'format'])
    if (before[key] !== after[key] && after[key] !== undefined) change(true, `${key} is another`);
  return changes;
}

function propertyChanges(
  before: JsonSchema,
  after: JsonSchema,
  direction: Direction,
  where: string,
  inside: (part: string) => Parameters<typeof schemaChanges>[2],
): Change[] {
  const [old, now] = [before.properties ?? {}, after.properties ?? {}];
  const changes: Change[] = [];
  for (const [name, property] of Object.entries(old)) {
    const at = `${where}.${name}`;
    if (now[name] === undefined) {
      changes.push({ breaking: true, where: at, what: 'it is gone' });
      continue;
    }
    const [was, is] = [before, after].map(({ required = [] }) => required.includes(name));
    if (was !== is)
      changes.push({
        breaking: direction === 'request' ? is === true : was === true,
        where: at,
        what: is ? 'it is required now' : 'it may be absent now',
      });
    changes.push(...schemaChanges(property, now[name], inside(`.${name}`)));
  }
  for (const name of Object.keys(now)) {
    if (old[name] !== undefined) continue;
    const isRequired = after.required?.includes(name) === true;
    changes.push({
      breaking: direction === 'request' && isRequired,
      where: `${where}.${name}`,
      what: isRequired && direction === 'request' ? 'it is new and required' : 'it is new',
    });
  }
  return changes;
}

/**
 * What differs between two versions of the HTTP API.
 * @param today `2027-03-01`: what is deprecated may go when its day is over
 */
export function openApiChanges(before: OpenApiDocument, after: OpenApiDocument, today: string): Change[] {
  const documents = { before: before.components.schemas, after: after.components.schemas };
  const changes: Change[] = [];
  for (const [path, methods] of Object.entries(before.paths))
    for (const [method, old] of Object.entries(methods)) {
      const where = `${method.toUpperCase()} ${path}`;
      const now = after.paths[path]?.[method];
      const isOver = old.deprecated === true && (old['x-sunset'] ?? '9999') <= today;
      if (now === undefined) changes.push({ breaking: !isOver, where, what: 'the call is gone' });
      else changes.push(...operationChanges(old, now, where, documents));
    }
  for (const [path, methods] of Object.entries(after.paths))
    for (const method of Object.keys(methods))
      if (before.paths[path]?.[method] === undefined)
        changes.push({ breaking: false, where: `${method.toUpperCase()} ${path}`, what: 'the call is new' });
  return changes;
}

function operationChanges(old: Operation, now: Operation, where: string, documents: Documents): Change[] {
  const changes: Change[] = [];
  const scope = ({ security }: Operation) => JSON.stringify(security?.[0]?.bearer ?? []);
  if (scope(old) !== scope(now))
    changes.push({
      breaking: scope(now) !== '[]',
      where,
      what: `the scope ${scope(old)} has become ${scope(now)}`,
    });
  if (now.deprecated && !old.deprecated) changes.push({ breaking: false, where, what: 'it is deprecated' });
  const seen = new Set<string>();

  const key = ({ name, in: place }: { name: string; in: string }) => `${place}.${name}`;
  const parameters = new Map((now.parameters ?? []).map((each) => [key(each), each]));
  for (const parameter of old.parameters ?? []) {
    const at = `${where} ${key(parameter)}`;
    const same = parameters.get(key(parameter));
    parameters.delete(key(parameter));
    if (same === undefined) changes.push({ breaking: true, where: at, what: 'it is gone' });
    else {
      if (same.required && !parameter.required)
        changes.push({ breaking: true, where: at, what: 'it is required now' });
      const about = { documents, direction: 'request', where: at, seen } as const;
      changes.push(...schemaChanges(parameter.schema, same.schema, about));
    }
  }
  for (const [at, { required }] of parameters)
    changes.push({ breaking: required === true, where: `${where} ${at}`, what: 'it is new' });

  for (const [type, { schema }] of Object.entries(old.requestBody?.content ?? {})) {
    const same = now.requestBody?.content[type];
    const at = `${where} body`;
    if (same === undefined)
      changes.push({ breaking: true, where: at, what: `${type} is not taken any more` });
    else
      changes.push(
        ...schemaChanges(schema, same.schema, { documents, direction: 'request', where: at, seen }),
      );
  }
  if (old.requestBody === undefined && now.requestBody !== undefined)
    changes.push({ breaking: true, where: `${where} body`, what: 'there must be one now' });

  for (const [status, response] of Object.entries(old.responses)) {
    const same = now.responses[status];
    const at = `${where} answer`;
    if (same === undefined) changes.push({ breaking: true, where: at, what: `${status} is gone` });
    else
      for (const [type, { schema }] of Object.entries(response.content ?? {}))
        if (same.content?.[type] === undefined)
          changes.push({ breaking: true, where: at, what: `${type} is gone` });
        else
          changes.push(
            ...schemaChanges(schema, same.content[type].schema, {
              documents,
              direction: 'answer',
              where: at,
              seen,
            }),
          );
  }
  return changes;
}

/** What differs between two versions of live socket and events. */
export function asyncApiChanges(before: AsyncApiDocument, after: AsyncApiDocument): Change[] {
  const documents = { before: before.components.schemas, after: after.components.schemas };
  const fromClients = new Set((before.operations.receiveFromClient?.messages ?? []).map(({ $ref }) => $ref));
  const changes: Change[] = [];
  for (const [name, channel] of Object.entries(before.channels)) {
    const same = after.channels[name];
    if (same === undefined || same.address !== channel.address) {
      changes.push({ breaking: true, where: name, what: 'it is gone, or elsewhere' });
      continue;
    }
    for (const [message, { payload }] of Object.entries(channel.messages)) {
      const where = `${name} ${message}`;
      const direction = fromClients.has(`#/channels/${name}/messages/${message}`) ? 'request' : 'answer';
      const now = same.messages[message];
      if (now === undefined) changes.push({ breaking: true, where, what: 'the message is gone' });
      else
        changes.push(
          ...schemaChanges(payload, now.payload, { documents, direction, where, seen: new Set() }),
        );
    }
    for (const message of Object.keys(same.messages))
      if (channel.messages[message] === undefined)
        changes.push({ breaking: false, where: `${name} ${message}`, what: 'the message is new' });
  }
  for (const name of Object.keys(after.channels))
    if (before.channels[name] === undefined)
      changes.push({ breaking: false, where: name, what: 'it is new' });
  return changes;
}

/** What the version of the contracts must be, given what has changed since the one that was released. */
export function versionProblem(
  released: string,
  current: string,
  changes: readonly Change[],
): string | undefined {
  const [major = 0, minor = 0] = released.split('.').map(Number);
  const [newMajor = 0, newMinor = 0] = current.split('.').map(Number);
  if (newMajor > major) return undefined;
  if (newMajor < major) return `${current} is older than ${released}, which was released`;
  if (changes.some(({ breaking }) => breaking))
    return `${current} breaks clients of ${released}: change it, or make it ${major + 1}.0.0`;
  if (changes.length > 0 && newMinor <= minor)
    return `something was added since ${released}: make it ${major}.${minor + 1}.0`;
  return undefined;
}
