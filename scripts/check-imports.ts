/**
 * Checks which part may import which. The rules are below, in `mayImport`; why they exist is in ARCHITECTURE.md.
 * Cycles are found by the linter (biome: noImportCycles); type-only ones are allowed.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that anyone in the server may import from another folder: agreements, not implementations. */
const PORTS = [
  'store/store',
  'store/administration',
  'store/model-registry',
  'store/policy-table',
  'bus/bus',
  'audio-log/audio-log',
  'captions/captions',
  'keys/keys',
  'storage/storage',
  'transcriber/recognizer',
  'transcriber/voice-activity',
  'embedder/embedder',
  'notes/notes-writer',
  'notes/template',
  'limits/rate-limiter',
  'limits/session-slots',
];

/** Folders of the server that every feature may use. */
const SHARED_FOLDERS = ['observability', 'journal', 'nats', 'onnx', 'redaction', 'written'];

/** Pairs of folders that are one thing in two ports: from → to. */
const TOGETHER: ReadonlyMap<string, string> = new Map([
  // The embedded bus delivers from tables of the embedded store, in its transactions.
  ['bus', 'store'],
  // What is counted over all gateways is counted in tables of the hosted store.
  ['limits', 'store'],
]);

/** The only file outside server/ that wires the server up. */
const EMBEDDED = 'cli/embedded.ts';

/** What puts the server together: the root, the files it is split into, and the roles it starts. */
const COMPOSITION_ROOT = 'server/server.ts';
const COMPOSITION_FOLDERS = ['composition', 'roles'];

export interface Violation {
  readonly file: string;
  readonly imports: string;
  readonly rule: string;
}

/**
 * Why `file` may not import `target`; undefined when it may.
 * @param file path from the project's root, with slashes
 * @param target the same of what it imports
 */
export function mayImport(file: string, target: string): string | undefined {
  const [from] = file.split('/');
  const [to] = target.split('/');
  if (isTest(file)) return undefined;

  if (from === 'contracts' && to !== 'contracts')
    return 'contracts import nothing of speakr: everybody depends on them';
  if (from === 'client' && to !== 'client' && to !== 'contracts') return 'the client knows contracts only';
  if (from === 'server' && to !== 'server' && to !== 'contracts') return 'the server knows contracts only';
  if (from === 'cli' && !['cli', 'client', 'contracts', 'server'].includes(to ?? ''))
    return 'the CLI knows client, contracts and, in one file, the server';
  if (from === 'cli' && to === 'server' && file !== EMBEDDED)
    return `the CLI imports the server in ${EMBEDDED} only`;
  if (from === 'server' && to === 'server') return withinServer(file, target);
  return undefined;
}

function withinServer(file: string, target: string): string | undefined {
  const from = folderOf(file);
  const to = folderOf(target);
  if (from === to || to === '' || file === COMPOSITION_ROOT) return undefined;
  if (COMPOSITION_FOLDERS.includes(from)) return undefined;
  if (SHARED_FOLDERS.includes(to) || PORTS.some((port) => target === `server/${port}.ts`)) return undefined;
  if (TOGETHER.get(from) === to) return undefined;
  return `server folders meet in ports and events; only ${COMPOSITION_ROOT} puts them together`;
}

/** Folder below server/; '' for files directly in it. */
function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length > 2 ? (parts[1] ?? '') : '';
}

function isTest(file: string): boolean {
  return /\.(test|suite)\.tsx?$|\/fixtures\//.test(file);
}

const IMPORT =
  /(?:^|[\n;])\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

/** What a file imports of speakr, as paths from the root. */
export function importsOf(file: string, source: string): string[] {
  const found: string[] = [];
  for (const match of source.matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? '';
    if (specifier.startsWith('.'))
      found.push(path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier)));
    else if (specifier.startsWith('@speakr/')) found.push(`${specifier.slice('@speakr/'.length)}.ts`);
  }
  return found;
}

/** Checks all sources under `root`. */
export function checkImports(root: string): Violation[] {
  const files = globSync('{contracts,client,server,cli}/**/*.{ts,tsx}', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**'],
  }).map((file) => file.split(path.sep).join('/'));
  return files.flatMap((file) =>
    importsOf(file, readFileSync(path.join(root, file), 'utf8')).flatMap((target) => {
      const rule = mayImport(file, target);
      return rule === undefined ? [] : [{ file, imports: target, rule }];
    }),
  );
}

if (import.meta.main) {
  const violations = checkImports(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
  for (const { file, imports, rule } of violations)
    process.stderr.write(`${file} imports ${imports}: ${rule}.\n`);
  if (violations.length > 0) process.exitCode = 1;
}
