/**
 * Reads Compose files as far as ours need it: anchors and merge keys, variables of an .env file, several files on top of
 * each other, profiles. https://github.com/compose-spec/compose-spec
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

export type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** A service with the words that our files use. */
export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target: string };
  readonly profiles?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<
    Record<string, { readonly condition: Condition; readonly required?: boolean }>
  >;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly network_mode?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const SCHEMA = path.join(import.meta.dirname, 'compose-spec.schema.json');

/** `NAME=value` lines of an .env file. */
export function readEnvironmentFile(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/**
 * Replaces `${NAME}`, `${NAME:-otherwise}` and `${NAME:?why it is needed}`.
 * @throws Error with name and reason when a variable that is needed is missing or empty
 */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\$|\$\{([A-Z][A-Z0-9_]*)(?::([-?])([^}]*))?\}/g,
    (_, name?: string, kind?: string, word = '') => {
      if (name === undefined) return '$';
      const value = variables[name] ?? '';
      if (value !== '' || kind === undefined) return value;
      if (kind === '?') throw new Error(`${name} is missing: ${word}`);
      return word;
    },
  );
}

/** Names of the variables of a Compose file, and whether each has to be set. */
export function variablesOf(text: string): Map<string, boolean> {
  const needed = new Map<string, boolean>();
  for (const [, name = '', kind] of text.matchAll(/\$\{([A-Z][A-Z0-9_]*)(?::([-?])[^}]*)?\}/g))
    needed.set(name, (needed.get(name) ?? false) || kind === '?');
  return needed;
}

/**
 * The services of Compose files on top of each other, as Compose puts them together: maps are joined, lists follow one
 * another, single values of the later file win.
 * @throws Error when a file is no Compose file, or a variable is missing
 */
export function readComposeFiles(
  files: readonly string[],
  variables: Readonly<Record<string, string>>,
): ComposeFile {
  const parsed = files.map((file) => {
    const document = parse(readFileSync(file, 'utf8'), { merge: true }) as unknown;
    const [problem] = problemsOf(document);
    if (problem !== undefined) throw new Error(`${path.basename(file)}: ${problem}`);
    return inStrings(document, (text) => interpolate(text, variables)) as ComposeFile;
  });
  const { services, volumes = {} } = parsed.reduce((below, above) => joined(below, above) as ComposeFile);
  return { services, volumes };
}

/** What the schema of the specification says against a document. */
export function problemsOf(document: unknown): string[] {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** What is started without being asked for by name: services of no profile, and those of the profiles in use. */
export const servicesOf = ({ services }: ComposeFile, profiles: readonly string[] = []): string[] =>
  Object.keys(services).filter((name) => {
    const own = services[name]?.profiles ?? [];
    return own.length === 0 || own.some((profile) => profiles.includes(profile));
  });

function inStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((each) => inStrings(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inStrings(each, change)]));
}

function joined(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above];
  if (typeof below !== 'object' || typeof above !== 'object' || below === null || above === null)
    return above ?? below;
  const all: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) all[name] = joined(all[name], value);
  return all;
}
