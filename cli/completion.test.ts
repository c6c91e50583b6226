import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { commands } from './commands.ts';
import { completionScript } from './completion.ts';

/** Why a test of a shell is left out: it is not here. */
const without = (shell: string) =>
  spawnSync(shell, ['-c', 'exit']).error === undefined ? false : `there is no ${shell}`;

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

/** What bash offers for a line that ends where it is typed. */
function offered(line: string): string[] {
  const words = line.split(' ');
  const script = `${completionScript('bash', commands)}
COMP_WORDS=(${quoted(words)})
COMP_CWORD=${words.length - 1}
_speakr
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: '/' });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

test('bash offers commands, subcommands, options and the values of options', () => {
  assert.deepEqual(offered('speakr tran'), ['transcribe']);
  assert.deepEqual(offered('speakr models p'), ['pull']);
  assert.deepEqual(offered('speakr vocab add --t'), ['--tag']);
  assert.deepEqual(offered('speakr record --input --pa'), ['--pace']);
  assert.deepEqual(offered('speakr record --pace '), ['real', 'fast']);
  assert.deepEqual(offered('speakr completion po'), ['powershell']);
  assert.deepEqual(offered('speakr show last --at'), ['--at']);
  assert.deepEqual(offered('speakr transcribe /et'), ['/etc'], 'files where nothing else fits');
});

/** What zsh offers, by the script as a file of its $fpath. The two functions of its completion system are stood in for. */
function offeredByZsh(folder: string, line: string): string[] {
  const words = line.split(' ');
  const script = `compadd() { shift; local -a fitting=(\${(M)@:#\${words[CURRENT]}*}); print -l -- $fitting; (( $#fitting )) }
_files() { print files }
fpath=(${folder})
autoload -Uz _speakr
words=(${quoted(words)})
CURRENT=${words.length}
_speakr`;
  const { status, stdout, stderr } = spawnSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
  assert.equal(`${status} ${stderr}`, '0 ');
  return stdout.trim().split('\n');
}

test('zsh offers the same, as a file of its own and sourced', { skip: without('zsh') }, (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-zsh-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, '_speakr'), completionScript('zsh', commands));
  assert.deepEqual(offeredByZsh(folder, 'speakr tran'), ['transcribe']);
  assert.deepEqual(offeredByZsh(folder, 'speakr models p'), ['pull']);
  assert.deepEqual(offeredByZsh(folder, 'speakr vocab add --t'), ['--tag']);
  assert.deepEqual(offeredByZsh(folder, 'speakr record --pace '), ['real', 'fast']);
  assert.deepEqual(offeredByZsh(folder, 'speakr completion po'), ['powershell']);
  assert.deepEqual(offeredByZsh(folder, 'speakr transcribe /et'), ['files'], 'files where nothing else fits');
  const sourced = spawnSync('zsh', ['-f', '-c', `compdef() { print -- "$@" }; source ${folder}/_speakr`], {
    encoding: 'utf8',
  });
  assert.equal(sourced.stdout, '_speakr speakr\n');
});

test('fish offers the same', { skip: without('fish') }, (t) => {
  const home = mkdtempSync(path.join(tmpdir(), 'speakr-fish-'));
  t.after(() => rmSync(home, { recursive: true }));
  const file = path.join(home, 'speakr.fish');
  writeFileSync(file, completionScript('fish', commands));
  const fish = (line: string) => {
    const { stdout, stderr } = spawnSync('fish', ['-c', `source ${file}; complete -C '${line}'`], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: home },
    });
    assert.equal(stderr, '');
    return stdout.split('\n').flatMap((each) => each.split('\t')[0] || []);
  };
  assert.deepEqual(fish('speakr tran'), ['transcribe']);
  assert.deepEqual(fish('speakr models p'), ['pull']);
  assert.deepEqual(fish('speakr admin models r'), ['register', 'remove', 'rollback']);
  assert.deepEqual(fish('speakr vocab add --t'), ['--tag']);
  assert.deepEqual(fish('speakr record --pace '), ['fast', 'real']);
});

test('every script is one the shell reads, where the shell is here', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-completion-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const check = { bash: ['bash', '-n'], zsh: ['zsh', '-n'], fish: ['fish', '--no-execute'] } as const;
  for (const [shell, [program, flag]] of Object.entries(check)) {
    const file = path.join(folder, shell);
    writeFileSync(file, completionScript(shell as keyof typeof check, commands));
    const { error, status, stderr } = spawnSync(program, [flag, file], { encoding: 'utf8' });
    if (error === undefined) assert.equal(status, 0, `${shell}: ${stderr}`);
  }
});

test('every command is in every script, and quotes in summaries do not end anything early', () => {
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'] as const) {
    const script = completionScript(shell, commands);
    for (const { definition } of commands)
      assert.ok(script.includes(definition.name), `${shell} ${definition.name}`);
  }
  const summaries = [{ definition: { name: 'x', summary: "Don't \\ stop" } }];
  assert.match(completionScript('fish', summaries), /-d 'Don\\'t \\\\ stop'/);
});
