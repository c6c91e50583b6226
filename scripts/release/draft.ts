/** In the workflow: makes a draft of a GitHub release of build/release, which only maintainers see. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { environment } from './environment.ts';
import { runTool } from './run-tool.ts';

const output = path.join(path.dirname(path.dirname(import.meta.dirname)), 'build', 'release');
const { tag, repository } = environment();
const notes = path.join(output, 'RELEASE-NOTES.md');
const files = readdirSync(output)
  .sort()
  .map((name) => path.join(output, name));
runTool('gh', [
  'release',
  'create',
  tag,
  '--repo',
  repository,
  '--draft',
  '--verify-tag',
  '--title',
  tag,
  '--notes-file',
  notes,
  ...files,
]);
process.stdout.write(`${tag} is a draft with ${files.length} files.\n`);
