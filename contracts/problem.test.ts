import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ExitCode, errorCodes, errorTable, Problem, SpeakrError } from './problem.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'errors.md'), 'utf8');

test('the table of errors and its page name the same codes with the same figures', () => {
  const rows = [
    ...page.matchAll(/^\| <a id="(\w+)"><\/a>`\1` \| (\d+) \| (\d+) \| (yes|no) \| (.+) \| (.+) \|$/gm),
  ];
  assert.deepEqual(
    rows.map(([, code]) => code),
    errorCodes,
  );
  for (const [, code, status, exitCode, again, title, hint] of rows) {
    const definition = errorTable[code as keyof typeof errorTable];
    assert.equal(Number(status), definition.status);
    assert.equal(Number(exitCode), definition.exitCode);
    assert.equal(again === 'yes', definition.retryable);
    assert.equal(title, definition.title);
    assert.equal(hint?.replaceAll('\\<', '<'), definition.hint);
  }
  for (const code of Object.values(ExitCode)) assert.match(page, new RegExp(`^\\| ${code} \\| `, 'm'));
});

test('every error has a whole sentence for what happened and for what to do', () => {
  for (const code of errorCodes) {
    const { title, hint, status, exitCode } = errorTable[code];
    assert.match(title, /^[A-Z].*\.$|^ffmpeg .*\.$|^speakr .*\.$/, code);
    assert.match(hint, /\.$/, code);
    assert.ok(status >= 200 && status < 600);
    assert.ok((Object.values(ExitCode) as number[]).includes(exitCode));
    assert.notEqual(exitCode, ExitCode.ok);
  }
});

test('an error survives the way over the wire', () => {
  const error = new SpeakrError('not_found', 'No recording ends in 4d1e99.', { hint: 'Look again.' });
  const problem = Problem.parse(JSON.parse(JSON.stringify(error.toProblem('req-1'))));
  assert.equal(problem.requestId, 'req-1');
  assert.equal(problem.status, 404);
  const back = SpeakrError.fromProblem(problem);
  assert.deepEqual([back.code, back.message, back.hint], [error.code, error.message, error.hint]);
});

test('without a detail the title speaks, and the cause is kept', () => {
  const cause = new Error('ENOSPC');
  const error = new SpeakrError('disk_full', undefined, { cause });
  assert.equal(error.message, errorTable.disk_full.title);
  assert.equal(error.hint, errorTable.disk_full.hint);
  assert.equal(error.cause, cause);
  assert.equal('requestId' in error.toProblem(), false);
});
