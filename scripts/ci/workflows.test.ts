import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.dirname(path.dirname(import.meta.dirname));
const workflows = globSync('.github/workflows/*.yml', { cwd: root });
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const steps = workflows.flatMap((file) =>
  readFileSync(path.join(root, file), 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const found = /^\s+(?:- )?(run|uses): (.*)$/.exec(line);
      return found === null ? [] : [{ place: `${file}:${index + 1}`, kind: found[1], value: found[2] ?? '' }];
    }),
);

/** Why a line is more than one call of a script of ours. */
function runProblem(value: string): string | undefined {
  const command = value.replace(/^sudo (--preserve-env=PATH )?/, '');
  if (/[|&;<>]/.test(command)) return 'it is more than one command';
  const [program, file = ''] = command.split(' ');
  if (program === '.ci/run') return undefined;
  if (program === 'npm') {
    const name = /^npm (?:run (?:-s )?)?([\w:-]+)$/.exec(command)?.[1] ?? '';
    return name in scripts ? undefined : 'there is no such npm script';
  }
  if (program !== 'node' && program !== 'bash') return 'it is no script of ours';
  return file.startsWith('scripts/') && existsSync(path.join(root, file))
    ? undefined
    : 'there is no such script';
}

test('a step of a workflow is one script that also runs on a developer’s machine', () => {
  const runs = steps.filter(({ kind }) => kind === 'run');
  assert.ok(runs.length > 20);
  for (const { place, value } of runs) assert.equal(runProblem(value), undefined, `${place}: ${value}`);
  for (const bad of ['npm ci', 'echo hello', 'node scripts/nowhere.ts', 'npm run check && npm test'])
    assert.notEqual(runProblem(bad), undefined, bad);
});

test('every action is pinned by commit, and its release is named', () => {
  const uses = steps.filter(({ kind }) => kind === 'uses');
  assert.ok(uses.length > 20);
  for (const { place, value } of uses)
    assert.match(
      value,
      /^(\.\/\.github\/workflows\/[\w-]+\.yml|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
      place,
    );
});

test('every workflow starts with the right to read only', () => {
  for (const file of workflows)
    assert.match(readFileSync(path.join(root, file), 'utf8'), /^permissions:\n {2}contents: read$/m, file);
});
