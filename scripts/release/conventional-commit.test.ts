import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Commit, parseCommit, titleProblem } from './conventional-commit.ts';
import { releaseNotes } from './notes.ts';
import { nextVersion } from './version.ts';

const commit = (message: string): Commit => parseCommit('0123456789abcdef', message);

test('a message is read as type, scope, summary and whether it breaks something', () => {
  assert.deepEqual(commit('fix(store): a lock is released\n\nDetails.'), {
    hash: '0123456789abcdef',
    type: 'fix',
    scope: 'store',
    summary: 'a lock is released',
    breaking: false,
  });
  assert.equal(commit('feat!: another format').breaking, true);
  assert.equal(commit('feat(cli)!: another format').breaking, true);
  assert.equal(commit('feat: a\n\nBREAKING CHANGE: b').breaking, true);
  assert.equal(commit('fix: says that nothing is a BREAKING CHANGE: really').breaking, false);
  for (const other of ['Merge branch x', 'feat:no space', 'feature: long', 'fix(: a'])
    assert.equal(commit(other).type, 'other', other);
});

test('the title of a pull request has to be such a message', () => {
  assert.equal(titleProblem('feat(query): answers in sentences'), undefined);
  assert.match(titleProblem('Update README') ?? '', /no conventional commit/);
});

test('the next version follows from what was changed', () => {
  const next = (current: string, ...messages: string[]) => nextVersion(current, messages.map(commit));
  assert.equal(next('1.2.3', 'docs: x', 'fix: y'), '1.2.4');
  assert.equal(next('1.2.3', 'fix: y', 'feat: z'), '1.3.0');
  assert.equal(next('1.2.3', 'feat!: z'), '2.0.0');
  assert.equal(next('0.2.3', 'feat!: z'), '0.3.0');
  assert.equal(next('1.2.3', 'docs: x', 'test: y', 'chore: z'), undefined);
  assert.throws(() => next('1.2', 'fix: y'), /no version/);
  const stable = 'docs: reviewed\n\nRelease-As: 1.0.0';
  assert.equal(next('0.2.3', 'fix: y', stable, 'feat: z'), '1.0.0');
  assert.equal(next('1.0.0', 'fix: y', stable), '1.0.1');
  assert.equal(next('1.10.0', 'fix: y', 'fix: z\n\nRelease-As: 1.9.9'), '1.10.1');
});

test('notes say what users notice, what breaks first, each thing once', () => {
  const notes = releaseNotes('2.0.0', [
    commit('fix(notes): ends of months'),
    commit('fix(notes): ends of months'),
    commit('feat(bench): more meetings'),
    commit('feat(cli)!: exit codes'),
    commit('docs: a page'),
  ]);
  assert.equal(
    notes,
    [
      '## speakr 2.0.0',
      '',
      '### Breaking changes',
      '',
      '- **cli:** exit codes (0123456)',
      '',
      '### Mended',
      '',
      '- **notes:** ends of months (0123456)',
      '',
    ].join('\n'),
  );
  assert.match(releaseNotes('1.0.1', [commit('docs: x')]), /Nothing that users notice/);
});
