import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { routes } from '@speakr/contracts/api';
import { commandTypes, eventTypes } from '@speakr/contracts/events';
import { ExitCode, errorCodes } from '@speakr/contracts/problem';
import { ClientMessage, ServerMessage } from '@speakr/contracts/stream';
import type { Command } from '../cli/command.ts';
import { commands } from '../cli/commands.ts';
import type { Definition } from '../cli/definition.ts';
import { settings } from '../cli/settings.ts';
import { serverVariables } from '../server/config.ts';
import { metricTable } from '../server/observability/metrics.ts';

// What the documentation names is what the code has, and the other way round. Found by reading the pages, not by the
// scripts that write them.

const root = path.dirname(import.meta.dirname);
const page = (name: string) => readFileSync(path.join(root, 'docs', `${name}.md`), 'utf8');
const named = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);

/** The text of one section, down to the next heading of its level or above. */
function section(text: string, heading: string): string {
  const at = text.indexOf(`\n${heading}\n`);
  assert.ok(at >= 0, `there is a heading ${heading}`);
  const body = text.slice(at + heading.length + 2);
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const end = body.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? body : body.slice(0, end);
}

function same(found: Iterable<string>, wanted: Iterable<string>): void {
  assert.deepEqual([...new Set(found)].sort(), [...new Set(wanted)].sort());
}

/** Commands and subcommands, by all of their words. */
const allCommands = (own: readonly Command[], parent = 'speakr'): [string, Definition][] =>
  own.flatMap(({ definition, subcommands = [] }) => {
    const name = `${parent} ${definition.name}`;
    return [[name, definition], ...allCommands(subcommands, name)];
  });

test('what --json prints', () => {
  const rows = named(section(page('cli'), '## JSON'), /^\| (`.+`) \|/gm);
  same(
    rows.flatMap((row) => named(row.split(' | ')[0] ?? '', /`([a-z -]+)`/g)),
    allCommands(commands)
      .filter(([, { options = [] }]) => options.some(({ name, hidden }) => name === 'json' && !hidden))
      .map(([name]) => name.replace(/^speakr /, '')),
  );
});

test('commands and their options', () => {
  const text = page('cli');
  const all = allCommands(commands);
  same(
    named(text, /^###+ (speakr .+)$/gm),
    all.map(([name]) => name),
  );
  for (const [name, { options = [] }] of all) {
    const at = text.search(new RegExp(`^###+ ${name}$`, 'm'));
    const [, own = ''] = /^[^\n]+\n([\s\S]*?)(?=^##+ |(?![\s\S]))/m.exec(text.slice(at)) ?? [];
    same(
      named(own, /^\| `(?:-\w, )?--([\w-]+)/gm),
      options.filter(({ hidden }) => !hidden).map((option) => option.name),
    );
  }
});

test('calls of the HTTP API, and where they are', () => {
  const text = page('http-api');
  same(named(section(text, '## Calls'), /^### (\S+)$/gm), Object.keys(routes));
  for (const [name, { method, path: where }] of Object.entries(routes))
    assert.ok(section(text, `### ${name}`).includes(`${method} ${where}`), `${method} ${where}`);
});

test('messages of the live socket, events and commands of the bus', () => {
  const text = page('live-socket');
  const types = ({ options }: { options: readonly { shape: { type: { value: string } } }[] }) =>
    options.map(({ shape }) => shape.type.value);
  same(named(section(text, '## From client to server'), /^### (\S+)$/gm), types(ClientMessage as never));
  same(named(section(text, '## From server to client'), /^### (\S+)$/gm), types(ServerMessage as never));
  same(named(section(text, '## Events and commands of the bus'), /^### (\S+)$/gm), [
    ...eventTypes,
    ...commandTypes,
  ]);
});

test('error codes and exit codes', () => {
  const text = page('errors');
  same(named(section(text, '## Error codes'), /^\| (?:<a id="\w+"><\/a>)?`(\w+)` \|/gm), errorCodes);
  same(named(section(text, '## Exit codes'), /^\| (\d+) \|/gm), Object.values(ExitCode).map(String));
});

test('metrics', () => {
  same(named(section(page('operations'), '## Metrics'), /^\| `(speakr_\w+)` \|/gm), Object.keys(metricTable));
});

/** Of programs beside speakr: installers, tests, releases, other tools. */
const ELSEWHERE = new Set([
  'SPEAKR_CONFIG',
  'SPEAKR_PASSPHRASE',
  'SPEAKR_INSTALL_DIR',
  'SPEAKR_RELEASE_KEY',
  'SPEAKR_TEST_AUDIO',
  'SPEAKR_TEST_LIVE',
  'SPEAKR_FAULT_SEED',
  // Streams of NATS.
  'SPEAKR_MESSAGES',
  'SPEAKR_ATTEMPTS',
  'SPEAKR_AUDIO',
]);

test('settings, by the name of their environment variable', () => {
  same(
    named(section(page('configuration'), '## Settings'), /^\| `([a-z]\w+)` \| `[A-Z0-9_]+` \|/gm),
    Object.keys(settings),
  );
  const known = new Set([...Object.values(settings).map(({ env }) => env), ...serverVariables]);
  const reference = ['configuration', 'hosted', 'operations'].map(page).join('\n');
  // "each also as a file, …_FILE"
  for (const name of known)
    assert.ok(
      reference.includes(`\`${name}\``) || reference.includes(`\`${name}=`) || isItsFile(name, reference),
      `${name} is in docs/configuration.md, docs/hosted.md or docs/operations.md`,
    );
  const compose = new Set(
    named(readFileSync(path.join(root, 'deploy/compose/compose.yaml'), 'utf8'), /\$\{(\w+)/g),
  );
  for (const file of globSync('{README.md,docs/*.md}', { cwd: root }))
    for (const name of named(readFileSync(path.join(root, file), 'utf8'), /\b(SPEAKR_[A-Z0-9_]*[A-Z0-9])\b/g))
      assert.ok(
        known.has(name) || ELSEWHERE.has(name) || (file === 'docs/compose.md' && isOfCompose(name, compose)),
        `${name} in ${file} is no setting`,
      );
});

const isItsFile = (name: string, text: string) =>
  name.endsWith('_FILE') && text.includes(`\`${name.slice(0, -5)}\``);

const isOfCompose = (name: string, compose: ReadonlySet<string>) =>
  compose.has(name) || name === 'SPEAKR_ISSUER_PORT';
