/**
 * In the workflow, last: publishes the packages under the tag `next`, makes the draft public, and then moves the
 * packages to `latest`. rollback.ts undoes the steps that were done when a later one fails.
 */
import path from 'node:path';
import { environment } from './environment.ts';
import { npmAuthorized } from './npm.ts';
import { packageNames, packPackages } from './packages.ts';
import { runTool } from './run-tool.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const { tag, repository } = environment();
const version = tag.slice(1);
for (const file of packPackages(root, path.join(root, 'build', 'packages')))
  npmAuthorized(['publish', file, '--access', 'public', '--provenance', '--tag', 'next']);
runTool('gh', ['release', 'edit', tag, '--repo', repository, '--draft=false', '--latest']);
for (const name of packageNames) npmAuthorized(['dist-tag', 'add', `${name}@${version}`, 'latest']);
process.stdout.write(`${tag} is published.\n`);
