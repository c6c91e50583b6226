/**
 * The packages for npm, made in a folder of their own: compiled JavaScript with types for contracts, client and server,
 * the bundle for the command line. The sources' package.json files are for the workspace; what is published is written
 * from them here.
 */
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { assetNames, assetPath } from '../../server/assets.ts';
import { workerSources } from '../../server/workers.ts';
import { runTool } from './run-tool.ts';

/** Folders in the order in which they can be published: each needs those before it. */
const folders = ['contracts', 'client', 'server', 'cli'] as const;
type Folder = (typeof folders)[number];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  /** Provenance is of a repository, and npm takes no package that names another, or none. */
  readonly repository?: object;
  readonly bin?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
}

const manifestOf = (root: string, folder: string) =>
  JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Manifest;

/** What `npm` knows them as. */
export const packageNames = ['@speakr/contracts', '@speakr/client', '@speakr/server', 'speakr'] as const;

/** What the bundle of the command line still asks for; the rest is inside. */
const CLI_DEPENDENCIES = ['@ffmpeg-installer/ffmpeg', 'clipboardy'];

/** Makes the packages in `output`. @returns their archives, in the order in which they can be published */
export function packPackages(root: string, output: string): string[] {
  rmSync(output, { recursive: true, force: true });
  const places = Object.fromEntries(folders.map((folder) => [folder, path.join(output, folder)])) as Record<
    Folder,
    string
  >;
  runTool(process.execPath, [path.join(root, 'scripts', 'build.ts')], { cwd: root });
  compile(root, output);
  for (const folder of ['contracts', 'client', 'server'] as const) library(root, folder, places[folder]);
  serverFiles(root, places.server);
  commandLine(root, places.cli);
  return folders.map((folder) => {
    for (const name of ['LICENSE']) copyFileSync(path.join(root, name), path.join(places[folder], name));
    copyFileSync(
      path.join(import.meta.dirname, 'package-readmes', `${folder}.md`),
      path.join(places[folder], 'README.md'),
    );
    const [packed] = JSON.parse(
      runTool('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', output], {
        cwd: places[folder],
        shell: process.platform === 'win32',
      }),
    ) as [{ filename: string }];
    return path.join(output, packed.filename);
  });
}

/** JavaScript and types of the libraries, in folders as the sources are. */
function compile(root: string, output: string): void {
  mkdirSync(output, { recursive: true });
  const config = path.join(output, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        rootDir: root,
        outDir: output,
        typeRoots: [path.join(root, 'node_modules', '@types')],
      },
      include: ['contracts', 'client', 'server'].map((folder) => path.join(root, folder)),
      exclude: ['**/*.test.ts', '**/*-suite.ts', '**/suite/**', '**/fixtures/**', '**/node_modules'].map(
        (pattern) => path.join(root, pattern),
      ),
    }),
  );
  runTool(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config]);
  // The compiler rewrites the endings of imports in JavaScript only.
  for (const file of globSync('{contracts,client,server}/**/*.d.ts', { cwd: output })) {
    const place = path.join(output, file);
    const types = readFileSync(place, 'utf8');
    writeFileSync(place, types.replace(/((?:from |import\()["']\.{1,2}\/[^"']+)\.ts(["'])/g, '$1.js$2'));
  }
}

function library(root: string, folder: Folder, place: string): void {
  const { name, version, description, license, repository, dependencies } = manifestOf(root, folder);
  const json = folder === 'contracts' ? { './generated/*.json': './generated/*.json' } : {};
  if (folder === 'contracts')
    for (const file of globSync('generated/*.json', { cwd: path.join(root, folder) }))
      copyFileSync(path.join(root, folder, file), path.join(place, file));
  write(place, {
    name,
    version,
    description,
    license,
    repository,
    type: 'module',
    engines: { node: folder === 'server' ? '>=24' : '>=20' },
    exports: { ...json, './*': { types: './*.d.ts', default: './*.js' } },
    files: ['**/*.js', '**/*.d.ts', '**/*.json', 'assets'],
    sideEffects: false,
    dependencies,
  });
}

/** Worker threads in one file each, and the binary files, where server/workers.ts and assets.ts look outside the tree. */
function serverFiles(root: string, place: string): void {
  mkdirSync(path.join(place, 'assets'), { recursive: true });
  for (const name of assetNames) copyFileSync(assetPath(name), path.join(place, 'assets', name));
  buildSync({
    entryPoints: Object.entries(workerSources).map(([name, source]) => ({
      out: `worker-${name}`,
      in: path.join(root, 'server', source),
    })),
    outdir: place,
    bundle: true,
    packages: 'external',
    // Packages of our own are sources in this tree.
    alias: { '@speakr/contracts': path.join(root, 'contracts') },
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
  });
}

function commandLine(root: string, place: string): void {
  const { name, version, description, license, repository, bin, dependencies = {} } = manifestOf(root, 'cli');
  const workspace = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  mkdirSync(path.join(place, 'bin'), { recursive: true });
  copyFileSync(path.join(root, 'cli', 'bin', 'speakr.cjs'), path.join(place, 'bin', 'speakr.cjs'));
  for (const file of globSync('**/*', { cwd: path.join(root, 'dist'), withFileTypes: true })) {
    if (!file.isFile() || file.name.endsWith('.map') || file.name.startsWith('.')) continue;
    const source = path.join(file.parentPath, file.name);
    const target = path.join(place, 'dist', path.relative(path.join(root, 'dist'), source));
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
  write(place, {
    name,
    version,
    description,
    license,
    repository,
    keywords: ['transcription', 'speech-to-text', 'meeting-notes', 'terminal', 'recorder', 'offline'],
    type: 'module',
    bin,
    exports: { './package.json': './package.json' },
    engines: { node: '>=20' },
    files: ['bin', 'dist'],
    dependencies: Object.fromEntries(
      Object.entries(dependencies).filter(([dependency]) => CLI_DEPENDENCIES.includes(dependency)),
    ),
    // Node 24 for those who have an older one.
    optionalDependencies: workspace.optionalDependencies,
  });
}

function write(place: string, manifest: object): void {
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
