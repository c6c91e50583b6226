/**
 * Compares the contracts with those that were released last: clients of that version must go on to work, and the version
 * must say what has changed. Also that what is deprecated works long enough.
 *
 *   node scripts/check-contracts.ts [FOLDER]
 *
 * FOLDER has `released/` and `generated/`; `contracts/` when none is given.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  asyncApiChanges,
  type Change,
  openApiChanges,
  versionProblem,
} from './contracts/breaking-changes.ts';
import { deprecationProblems, deprecations } from './contracts/deprecations.ts';

const contracts = path.join(path.dirname(import.meta.dirname), 'contracts');

/** What is wrong, one line each. @param today `2027-03-01` */
export function contractProblems(today: string, folder = contracts): string[] {
  const read = (of: 'released' | 'generated', name: string) =>
    JSON.parse(readFileSync(path.join(folder, of, name), 'utf8'));
  const released = read('released', 'openapi.json');
  const generated = read('generated', 'openapi.json');
  const changes: Change[] = [
    ...openApiChanges(released, generated, today),
    ...asyncApiChanges(read('released', 'asyncapi.json'), read('generated', 'asyncapi.json')),
  ];
  const problem = versionProblem(released.info.version, generated.info.version, changes);
  const breaking = changes.filter((change) => change.breaking);
  return [
    ...deprecationProblems(deprecations()),
    ...(problem === undefined ? [] : [problem, ...breaking.map(({ where, what }) => `  ${where}: ${what}`)]),
  ];
}

if (import.meta.main)
  for (const problem of contractProblems(new Date().toISOString().slice(0, 10), process.argv[2])) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
