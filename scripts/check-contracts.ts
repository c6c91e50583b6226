/**
 * Compares the contracts with those that were released last: clients of that version must go on to work, and the version
 * must say what has changed. Also that what is deprecated works long enough.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CONTRACT_VERSION } from '../contracts/version.ts';
import {
  asyncApiChanges,
  type Change,
  openApiChanges,
  versionProblem,
} from './contracts/breaking-changes.ts';
import { deprecationProblems, deprecations } from './contracts/deprecations.ts';

const contracts = path.join(path.dirname(import.meta.dirname), 'contracts');
const read = (folder: string, name: string) =>
  JSON.parse(readFileSync(path.join(contracts, folder, name), 'utf8'));

/** What is wrong, one line each. @param today `2027-03-01` */
export function contractProblems(today: string): string[] {
  const released = read('released', 'openapi.json');
  const changes: Change[] = [
    ...openApiChanges(released, read('generated', 'openapi.json'), today),
    ...asyncApiChanges(read('released', 'asyncapi.json'), read('generated', 'asyncapi.json')),
  ];
  const problem = versionProblem(released.info.version, CONTRACT_VERSION, changes);
  const breaking = changes.filter((change) => change.breaking);
  return [
    ...deprecationProblems(deprecations()),
    ...(problem === undefined ? [] : [problem, ...breaking.map(({ where, what }) => `  ${where}: ${what}`)]),
  ];
}

if (import.meta.main)
  for (const problem of contractProblems(new Date().toISOString().slice(0, 10))) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
