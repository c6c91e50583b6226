/**
 * Bundles the CLI, its server and its worker threads into dist/, which needs no TypeScript and no node_modules except
 * the packages that carry programs (`external`).
 *
 *   dist/speakr.mjs          starts the CLI; what a command does not need stays in chunks it does not load
 *   dist/worker-<name>.mjs   worker threads of server/workers.ts
 *   dist/assets/             binary files of server/assets.ts
 *   dist/.inputs.json        names of all files that went in, for lists of components
 */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { assetNames, assetPath } from '../server/assets.ts';
import { workerSources } from '../server/workers.ts';
import { sourceFingerprint, stampBundle } from './bootstrap/freshness.mjs';
import { absent, cursorIsOurs, englishOnly } from './bundle-plugins.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');

const workers = Object.entries(workerSources).map(([name, source]) => ({
  out: `worker-${name}`,
  in: path.join(root, 'server', source),
}));

/** Packages that find executables beside themselves, so they cannot move into a bundle. */
const external = ['@ffmpeg-installer/ffmpeg', 'clipboardy'];

/** CommonJS packages inside an ES module still ask for these. */
const commonJs = [
  `import { createRequire as __createRequire } from 'node:module';`,
  'const require = __createRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;',
].join('\n');

const fingerprint = sourceFingerprint(root);
// Chunks carry a hash in their name; those of a build before would pile up. The launcher waits for the stamp, not us.
await rm(path.join(dist, '.built-from'), { force: true });
await mkdir(path.join(dist, 'assets'), { recursive: true });
const { metafile } = await build({
  entryPoints: [{ out: 'speakr', in: path.join(root, 'cli', 'run.ts') }, ...workers],
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  legalComments: 'linked',
  banner: { js: commonJs },
  define: { 'process.env.NODE_ENV': '"production"' },
  external,
  plugins: [absent, cursorIsOurs, englishOnly],
  metafile: true,
  absWorkingDir: root,
  logLevel: 'warning',
});
await Promise.all(assetNames.map((name) => copyFile(assetPath(name), path.join(dist, 'assets', name))));

const written = new Set(Object.keys(metafile.outputs).map((file) => path.basename(file)));
const leftOver = (await readdir(dist)).filter((file) => /\.(mjs|map|txt)$/.test(file) && !written.has(file));
const assets = path.join(dist, 'assets');
const oldAssets = (await readdir(assets)).filter((file) => !(assetNames as string[]).includes(file));
await Promise.all([
  ...leftOver.map((file) => rm(path.join(dist, file))),
  ...oldAssets.map((file) => rm(path.join(assets, file))),
]);
await writeFile(path.join(dist, '.inputs.json'), JSON.stringify(Object.keys(metafile.inputs)));
stampBundle(root, fingerprint);
