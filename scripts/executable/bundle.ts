/**
 * The bundle of the single executables: CommonJS that asks for nothing but Node's own modules, because that is all an
 * executable can load. One file for the CLI with its server, one for each worker thread, and the entry that starts it.
 */
import { createHash } from 'node:crypto';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { workerSources } from '../../server/workers.ts';
import { absent, cursorIsOurs, englishOnly } from '../bundle-plugins.ts';

export interface ExecutableBundle {
  /** File name → text. `speakr.cjs`, `worker-<name>.cjs`. */
  readonly files: ReadonlyMap<string, string>;
  /** CommonJS that runs `speakr.cjs` out of the executable. */
  readonly entry: string;
  /** What went in, for the list of components. */
  readonly inputs: readonly string[];
}

/** Node's modules stay calls of `require`: an import statement would make an ES module of the bundle. */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    const names = new Set(builtinModules);
    onResolve({ filter: /^(node:)?[a-z_/0-9]+$/ }, ({ path: specifier, namespace }) => {
      const name = specifier.replace(/^node:/, '');
      if (namespace === 'builtin') return { path: specifier, external: true };
      if (specifier.startsWith('node:') || names.has(name)) return { path: name, namespace: 'builtin' };
      return undefined;
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path: name }) => ({
      contents: `module.exports = require(${JSON.stringify(`node:${name}`)});`,
    }));
  },
};

/** Another version than the one of cli/package.json, for tests of two side by side. */
const withVersion = (version: string): Plugin => ({
  name: 'with-version',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]cli[\\/]package\.json$/ }, () => ({
      contents: JSON.stringify({ version }),
      loader: 'json',
    }));
  },
});

const bundleOptions = ({ root, version }: BundleOptions): BuildOptions => ({
  bundle: true,
  // Only this format knows top-level await; the wrapper makes CommonJS of it.
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  supported: { 'dynamic-import': false },
  define: {
    'process.env.NODE_ENV': '"production"',
    'import.meta.url': 'bundleMeta.url',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
    'import.meta': 'bundleMeta',
  },
  plugins: [
    absent,
    cursorIsOurs,
    englishOnly,
    builtins,
    ...(version === undefined ? [] : [withVersion(version)]),
  ],
  write: false,
  metafile: true,
  absWorkingDir: root,
  logLevel: 'warning',
});

const wrap = (code: string) =>
  [
    "'use strict';",
    "const bundleMeta = { url: require('node:url').pathToFileURL(__filename).href };",
    `(async () => {${code}})();\n`,
  ].join('\n');

async function bundleOne(
  options: BundleOptions,
  file: string,
): Promise<{ text: string; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({ ...bundleOptions(options), entryPoints: [file] });
  const [output] = outputFiles ?? [];
  if (output === undefined || metafile === undefined) throw new Error(`${file} was not bundled`);
  return { text: wrap(output.text), metafile };
}

export interface BundleOptions {
  /** The project. */
  readonly root: string;
  /** What `--version` shall say, when it is not what cli/package.json says. */
  readonly version?: string;
}

/** Bundles the project; the same sources give the same bytes. */
export async function bundleExecutable(options: BundleOptions): Promise<ExecutableBundle> {
  const { root, version } = options;
  const sources = new Map([['speakr.cjs', path.join(root, 'cli', 'run.ts')]]);
  for (const [name, source] of Object.entries(workerSources))
    sources.set(`worker-${name}.cjs`, path.join(root, 'server', source));
  const bundled = await Promise.all(
    [...sources].map(async ([name, source]) => ({ name, ...(await bundleOne(options, source)) })),
  );
  const files = new Map(bundled.map(({ name, text }) => [name, text]));
  const main = files.get('speakr.cjs') ?? '';
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'cli', 'executable.ts')],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minify: true,
    write: false,
    define: { BUNDLE_HASH: JSON.stringify(createHash('sha256').update(main).digest('hex').slice(0, 16)) },
    plugins: version === undefined ? [] : [withVersion(version)],
    absWorkingDir: root,
    logLevel: 'warning',
  });
  return {
    files,
    entry: outputFiles[0]?.text ?? '',
    inputs: [...new Set(bundled.flatMap(({ metafile }) => Object.keys(metafile.inputs)))].sort(),
  };
}
