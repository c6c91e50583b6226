import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf, mayImport } from './check-imports.ts';

test('imports are found however they are written', () => {
  const source = `
    import type { A } from '../bus/bus.ts';
    import {
      b,
    } from "@speakr/contracts/problem";
    export { c } from './c.ts';
    const d = await import('./d.ts');
    import './e.ts';
    import fs from 'node:fs';
    const text = 'from nowhere';`;
  assert.deepEqual(importsOf('server/query/query.ts', source).sort(), [
    'contracts/problem.ts',
    'server/bus/bus.ts',
    'server/query/c.ts',
    'server/query/d.ts',
    'server/query/e.ts',
  ]);
});

const allowed = [
  ['client/client.ts', 'contracts/api.ts'],
  ['cli/context.ts', 'client/client.ts'],
  ['cli/embedded.ts', 'server/server.ts'],
  ['server/server.ts', 'server/store/sqlite-store.ts'],
  ['server/composition/embedded-adapters.ts', 'server/store/sqlite-store.ts'],
  ['server/roles/notes.ts', 'server/notes/register-notes.ts'],
  ['server/query/query.ts', 'server/embedder/embedder.ts'],
  ['server/query/query.ts', 'server/query/ranking.ts'],
  ['server/query/query.ts', 'server/clock.ts'],
  ['server/query/query.ts', 'contracts/generated/client.ts'],
  ['server/audio-log/file-audio-log.ts', 'server/journal/journal.ts'],
  ['server/query/query.test.ts', 'server/store/sqlite-store.ts'],
] as const;
for (const [file, target] of allowed)
  test(`${file} may import ${target}`, () => assert.equal(mayImport(file, target), undefined));

const forbidden = [
  ['contracts/api.ts', 'client/client.ts'],
  ['client/client.ts', 'server/server.ts'],
  ['client/client.ts', 'cli/main.ts'],
  ['cli/commands/query.ts', 'server/query/query.ts'],
  ['cli/main.ts', 'scripts/build.ts'],
  ['server/server.ts', 'cli/main.ts'],
  ['server/query/query.ts', 'server/store/sqlite-store.ts'],
  ['server/notes/notes.ts', 'server/embedder/indexer.ts'],
  ['server/config.ts', 'server/store/sqlite-store.ts'],
  ['server/notes/notes.ts', 'server/roles/notes.ts'],
  ['server/gateway/gateway.ts', 'server/composition/features.ts'],
] as const;
for (const [file, target] of forbidden)
  test(`${file} may not import ${target}`, () => assert.equal(typeof mayImport(file, target), 'string'));
