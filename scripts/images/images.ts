/**
 * `npm run images`: builds the container images of all roles, or of those named.
 *
 *   npm run images
 *   npm run images -- gateway transcriber
 *   npm run images -- --with buildah      not Docker, also where its engine runs: what is published is built so
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runTool } from '../release/run-tool.ts';
import { findBuilder, type ImageTarget, imageTargets } from './builder.ts';

/** What an image without models may weigh. */
const MOST_BYTES = 300e6;

const root = path.dirname(path.dirname(import.meta.dirname));
const { values, positionals: asked } = parseArgs({
  options: { with: { type: 'string' } },
  allowPositionals: true,
});
const unknown = asked.find((name) => !(imageTargets as readonly string[]).includes(name));
if (unknown !== undefined) {
  console.error(`There is no image ${unknown}; there are ${imageTargets.join(', ')}.`);
  process.exit(2);
}
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
const revision = runTool('git', ['rev-parse', 'HEAD'], { cwd: root }).trim();
const builder = findBuilder(root, values.with);
const wanted = asked.length > 0 ? (asked as ImageTarget[]) : imageTargets;

async function build(target: ImageTarget): Promise<void> {
  const started = performance.now();
  const image = await builder.build(target, { version, revision });
  const bytes = builder.size(image);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${image}  ${(bytes / 1e6).toFixed(0)} MB  ${seconds} s`);
  if (bytes > MOST_BYTES) {
    console.error(`${image} is larger than ${MOST_BYTES / 1e6} MB.`);
    process.exitCode = 1;
  }
}

// The first one makes the layers; the others are the same but for their configuration, and are made side by side.
const [first, ...others] = wanted;
if (first !== undefined) await build(first);
const next = async (): Promise<void> => {
  for (let target = others.shift(); target !== undefined; target = others.shift()) await build(target);
};
await Promise.all([next(), next()]);
