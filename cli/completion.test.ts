import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { commands } from './commands.ts';
import { completionScript } from './completion.ts';

/** What bash offers for a line that ends where it is typed. */
function offered(line: string): string[] {
  const words = line.split(' ');
  const script = `${completionScript('bash', commands)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
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

test('every script is one the shell reads, where the shell is here', () => {
  const check = { bash: ['bash', '-n'], zsh: ['zsh', '-n'], fish: ['fish', '--no-execute'] } as const;
  for (const [shell, [program, flag]] of Object.entries(check)) {
    const input = completionScript(shell as keyof typeof check, commands);
    const { error, status, stderr } = spawnSync(program, [flag], { input, encoding: 'utf8' });
    if (error === undefined) assert.equal(status, 0, `${shell}: ${stderr}`);
  }
});

test('every command is in every script, and quotes in summaries do not end anything early', () => {
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'] as const) {
    const script = completionScript(shell, commands);
    for (const { definition } of commands)
      assert.ok(script.includes(definition.name), `${shell} ${definition.name}`);
  }
  const quoted = [{ definition: { name: 'x', summary: "Don't \\ stop" } }];
  assert.match(completionScript('fish', quoted), /-d 'Don\\'t \\\\ stop'/);
});
