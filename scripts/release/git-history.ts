import { spawnSync } from 'node:child_process';
import { type Commit, parseCommit } from './conventional-commit.ts';

function git(root: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  if (status !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
  return stdout;
}

/** The newest release tag (`v1.2.3`) that HEAD comes from; undefined before the first one. */
export function lastTag(root: string): string | undefined {
  const tags = git(root, 'tag', '--merged', 'HEAD', '--sort=-version:refname', '--list', 'v[0-9]*');
  return tags.split('\n').find((tag) => /^v\d+\.\d+\.\d+$/.test(tag));
}

/** Commits after `tag` up to HEAD, newest first; all of them without a tag. Merges are left out. */
export function commitsSince(root: string, tag: string | undefined): Commit[] {
  const range = tag === undefined ? 'HEAD' : `${tag}..HEAD`;
  return git(root, 'log', '--no-merges', '--format=%H%x00%B%x01', range)
    .split('\x01')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [hash = '', message = ''] = entry.split('\0');
      return parseCommit(hash, message.trim());
    });
}

/** When HEAD was made, seconds since the Unix epoch: the time that everything in a release bears. */
export const commitTime = (root: string): number =>
  Number(git(root, 'log', '-1', '--format=%ct', 'HEAD').trim());
