// Bundles deploy/compose/issuer.ts into one file, which needs no packages. Runs in the build stage.
//
//   node deploy/docker/bundle-issuer.mjs FILE
import path from 'node:path';
import { build } from 'esbuild';

const [outfile] = process.argv.slice(2);
if (outfile === undefined) throw new Error('Say which file.');
await build({
  entryPoints: [path.join(import.meta.dirname, '..', 'compose', 'issuer.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // CommonJS packages inside an ES module still ask for it.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  legalComments: 'inline',
  logLevel: 'warning',
});
