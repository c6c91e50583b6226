/**
 * In the workflow, on every push to main: tags the commit when it is a merged release, else writes what the next
 * release would change onto the branch release/next and opens or updates its pull request. Gives the tag, when there is
 * a new one, to the step's output.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { commitsSince, lastTag } from './git-history.ts';
import { releaseNotes } from './notes.ts';
import { runTool } from './run-tool.ts';

const BRANCH = 'release/next';
const root = path.dirname(path.dirname(import.meta.dirname));
const git = (...args: string[]) => runTool('git', args, { cwd: root }).trim();
const gh = (...args: string[]) => runTool('gh', args, { cwd: root }).trim();
const identity = [
  '-c',
  'user.name=github-actions[bot]',
  '-c',
  'user.email=41898282+github-actions[bot]@users.noreply.github.com',
];

const released = /^chore\(release\): (\d+\.\d+\.\d+)\b/.exec(git('log', '-1', '--format=%s'))?.[1];
if (released !== undefined) tagRelease(`v${released}`);
else proposeRelease();

function tagRelease(tag: string): void {
  if (git('ls-remote', '--tags', 'origin', tag) !== '') return;
  git('tag', tag);
  git('push', 'origin', tag);
  if (process.env.GITHUB_OUTPUT !== undefined) appendFileSync(process.env.GITHUB_OUTPUT, `tag=${tag}\n`);
}

function proposeRelease(): void {
  const commits = commitsSince(root, lastTag(root));
  const prepare = path.join(import.meta.dirname, 'prepare.ts');
  const version = runTool(process.execPath, [prepare], { cwd: root }).trim();
  if (version === '') return;
  const title = `chore(release): ${version}`;
  const body = releaseNotes(version, commits);
  git('checkout', '-B', BRANCH);
  git(...identity, 'commit', '--all', '--message', title);
  git('push', '--force', 'origin', BRANCH);
  const open = spawnSync('gh', ['pr', 'view', BRANCH, '--json', 'state', '--jq', '.state'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (open.stdout.trim() === 'OPEN') gh('pr', 'edit', BRANCH, '--title', title, '--body', body);
  else gh('pr', 'create', '--base', 'main', '--head', BRANCH, '--title', title, '--body', body);
}
