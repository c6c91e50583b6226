/**
 * `npm run build:binary`: speakr as one file for this system, or for another with `--target windows-x64`.
 *
 *   node scripts/build-binary.ts [--target TARGET] [--out DIRECTORY] [--with sea|pkg] [--version VERSION]
 *
 * Writes DIRECTORY/<target>/speakr (build/ when nothing is said). `--with pkg` packs the same bundle with
 * @yao-pkg/pkg instead of Node's own way, into DIRECTORY/<target>-pkg; docs/adr/0008-single-executable.md has the
 * comparison.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleExecutable } from './executable/bundle.ts';
import { nodeBase } from './executable/node-base.ts';
import { makeWithPkg } from './executable/pkg.ts';
import { makeSingleExecutable } from './executable/single-executable.ts';
import { hostTarget, parseTarget, programName } from './executable/target.ts';

const root = path.dirname(import.meta.dirname);
const { values } = parseArgs({
  options: {
    target: { type: 'string', default: hostTarget() ?? '' },
    out: { type: 'string', default: path.join(root, 'build') },
    with: { type: 'string', default: 'sea' },
    version: { type: 'string' },
  },
});

try {
  const target = parseTarget(values.target);
  const usePkg = values.with === 'pkg';
  const directory = path.join(path.resolve(values.out), usePkg ? `${target}-pkg` : target);
  mkdirSync(directory, { recursive: true });
  const output = path.join(directory, programName(target));
  // What runs cannot be written into.
  rmSync(output, { force: true });
  const work = mkdtempSync(path.join(tmpdir(), 'speakr-build-'));
  try {
    const options = {
      root,
      target,
      bundle: await bundleExecutable({ root, version: values.version }),
      base: nodeBase(root, target),
      work,
      output,
    };
    if (usePkg) makeWithPkg(options);
    else await makeSingleExecutable(options);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  process.stdout.write(`${output}\n`);
  process.stderr.write(`${(statSync(output).size / 1e6).toFixed(1)} MB for ${target}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
