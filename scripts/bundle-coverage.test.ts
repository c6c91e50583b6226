import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { readBundleCoverage } from './bundle-coverage.ts';

const source = `import { other } from './other.ts';

/** Never called with 'b' before the second process. */
export function choose(word: string): string {
  if (word === 'a') {
    return other('first');
  }
  if (word === 'b') {
    return other('second');
  }
  return other('third');
}

function forgotten(): void {
  console.log('nobody calls this');
}

process.stdout.write(choose(process.argv[2] ?? ''));
process.on('SIGUSR2', forgotten);
if (process.argv[2] === 'wait') setInterval(() => undefined, 1000);
`;

test('lines that ran in any process of the bundle are found in the sources, whoever was killed', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'speakr-bundle-'));
  t.after(() => rm(root, { recursive: true }));
  const [main, other] = [path.join(root, 'main.ts'), path.join(root, 'other.ts')];
  await writeFile(main, source);
  await writeFile(other, 'export const other = (word: string) => {\n  return word + "!";\n};\n');
  const dist = path.join(root, 'dist');
  await build({
    entryPoints: { speakr: main },
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    minifyWhitespace: true,
    sourcemap: 'linked',
    banner: { js: '// above\nconst above = 1;' },
  });
  const directory = path.join(root, 'coverage');
  await mkdir(directory);
  const env = { ...process.env, NODE_V8_COVERAGE: directory };
  const bundle = path.join(dist, 'speakr.mjs');
  for (const word of ['a', 'b']) spawnSync(process.execPath, [bundle, word], { env });
  const killed = spawn(process.execPath, [bundle, 'wait'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await writeFile(path.join(directory, 'coverage-broken.json'), '{"result":[{"url":');
  assert.equal((await readdir(directory)).length, 3);

  const coverage = readBundleCoverage(dist, directory);
  const lines = coverage.get(main);
  const ran = [...(lines ?? [])].filter(([, covered]) => covered).map(([line]) => line);
  const missed = [...(lines ?? [])].filter(([, covered]) => !covered).map(([line]) => line);
  for (const line of [4, 5, 6, 8, 9, 18, 19]) assert.ok(ran.includes(line), `line ${line} ran`);
  for (const line of [11, 15]) assert.ok(missed.includes(line), `line ${line} did not`);
  assert.equal(coverage.get(other)?.get(2), true);
});
