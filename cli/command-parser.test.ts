import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { parseCommandLine } from './command-parser.ts';
import { commands } from './commands.ts';
import { completionScript, shells } from './completion.ts';
import type { Definition } from './definition.ts';
import { referencePage } from './reference.ts';

const parse = (...argv: string[]) => parseIn(100, ...argv);

function parseIn(columns: number, ...argv: string[]) {
  let written = '';
  const parsed = parseCommandLine(argv, {
    commands,
    columns,
    write: (text) => {
      written += text;
    },
  });
  return { parsed, written };
}

function chosen(...argv: string[]) {
  const { parsed } = parse(...argv);
  assert.ok(typeof parsed === 'object');
  return { name: parsed.command.definition.name, options: parsed.options, globals: parsed.globals };
}

const usage = (pattern: RegExp) => (error: unknown) =>
  error instanceof SpeakrError && error.code === 'usage' && pattern.test(`${error.message} ${error.hint}`);

test('arguments and options arrive under their camel-case names', () => {
  const { name, options } = chosen('tag', 'last', 'a', 'b', '--remove', 'c', '--remove', 'd');
  assert.equal(name, 'tag');
  assert.deepEqual(options, { recording: 'last', tags: ['a', 'b'], remove: ['c', 'd'] });
});

test('an option that a command shares with its parent arrives, wherever it stands', () => {
  assert.equal(chosen('vocab', 'add', 'x', '--json').options.json, true);
  assert.equal(chosen('models', '--json', 'list').options.json, true);
  assert.equal(chosen('models', 'list').options.json, undefined);
});

test('switches that are on unless given, numbers and choices', () => {
  assert.equal(chosen('record').options.clipboard, true);
  assert.equal(chosen('record', '--no-clipboard').options.clipboard, false);
  assert.equal(chosen('list', '--limit', '3').options.limit, 3);
  assert.throws(() => parse('list', '--limit', 'three'), usage(/whole number/));
  assert.throws(
    () => parse('record', '--pace', 'slow'),
    usage(/^--pace cannot be "slow"; there are real, fast\. Run/),
  );
  assert.throws(
    () => parse('completion', 'tcsh'),
    usage(/^<shell> cannot be "tcsh"; there are bash, zsh, fish, powershell\. Run/),
  );
});

test('options of every command are understood before and after its name', () => {
  assert.equal(chosen('--server', 'http://x', 'list').globals.server, 'http://x');
  assert.equal(chosen('list', '--server', 'http://x').globals.server, 'http://x');
});

test('subcommands', () => {
  assert.equal(chosen('models', 'verify', '--quick').options.quick, true);
  assert.deepEqual(chosen('actions', 'done', '4d1e99.0').options, { action: ['4d1e99.0'] });
  assert.equal(chosen('actions', '--all').options.all, true, 'without a subcommand actions are listed');
  assert.throws(() => parse('models', 'lst'), usage(/There is no command models lst\. Did you mean list\?/));
  assert.throws(() => parse('models', 'fetch'), usage(/There is no command models fetch\./));
});

test('mistakes are usage errors with a hint that names the command', () => {
  assert.throws(() => parse('show'), usage(/missing required argument.*speakr show --help/));
  assert.throws(() => parse('list', '--colour'), usage(/unknown option.*speakr list --help/));
  assert.throws(() => parse('lsit'), usage(/There is no command lsit\. Did you mean list\?/));
  assert.throws(() => parse('list', '--jsno'), usage(/unknown option '--jsno' \(Did you mean --json\?\)/));
});

test('help of the program names every command, help of a command every option', () => {
  const { written } = parse('--help');
  for (const { definition } of commands) assert.match(written, new RegExp(`^  ${definition.name} `, 'm'));
  assert.match(parse('record', '--help').written, /--pace <PACE>/);
  assert.equal(parse().parsed, 'nothing');
});

test('definitions are complete: a summary that starts with a verb, unique names, no clash with global options', () => {
  const check = (definition: Definition) => {
    assert.match(definition.summary, /^[A-Z][a-z]+,? .*[^.]$/, definition.name);
    const names = (definition.options ?? []).map((option) => option.name);
    assert.equal(new Set(names).size, names.length, definition.name);
    for (const name of ['server', 'config', 'verbose', 'help'])
      assert.ok(!names.includes(name), definition.name);
  };
  for (const { definition, subcommands = [] } of commands) {
    assert.ok(definition.group, definition.name);
    check(definition);
    for (const subcommand of subcommands) check(subcommand.definition);
  }
});

test('completion and the reference page are printed from the definitions', () => {
  const page = referencePage(commands);
  for (const { definition } of commands) assert.ok(page.includes(`### speakr ${definition.name}\n`));
  assert.match(page, /#### speakr models pull/);
  for (const shell of shells) {
    const script = completionScript(shell, commands);
    assert.match(script, /retranscribe/);
    assert.match(script, shell === 'fish' ? /-l pace/ : /--pace/);
  }
});

for (const columns of [40, 60, 80])
  test(`help fits ${columns} columns, for every command`, () => {
    const helpOf = (list: typeof commands, path: readonly string[]): void => {
      for (const { definition, subcommands } of list) {
        const named = [...path, definition.name];
        const { written } = parseIn(columns, ...named, '--help');
        const [help = ''] = written.split('\nExamples:');
        // What cannot be broken may stick out.
        // How it is called, and names, are never broken.
        const lines = help.split('\n').filter((line) => !/^(Usage:| {2}\S+( \S+)*$)/.test(line));
        for (const line of lines) assert.ok(line.length <= columns, `speakr ${named.join(' ')}: ${line}`);
        helpOf(subcommands ?? [], named);
      }
    };
    helpOf(commands, []);
  });
