import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { routes } from '../contracts/api.ts';
import { commandTypes, eventTypes, subjectOf } from '../contracts/events.ts';
import { ClientMessage, ServerMessage } from '../contracts/stream.ts';
import { generatedFiles } from './generate-contracts.ts';

const files = generatedFiles();
const root = path.dirname(import.meta.dirname);
const documentOf = (name: string) => JSON.parse(files.get(`contracts/generated/${name}.json`) ?? '');

test('what is committed is what the contracts say, and it is the same every time', () => {
  for (const [file, content] of files)
    assert.equal(readFileSync(path.join(root, file), 'utf8'), content, `${file}: run \`npm run gen\``);
  assert.deepEqual([...generatedFiles()], [...files]);
});

test('every reference points to something', () => {
  for (const name of ['openapi', 'asyncapi']) {
    const document = documentOf(name);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, to]) => to ?? '',
    );
    assert.ok(references.length > 20);
    for (const reference of references) {
      let at = document;
      for (const key of reference.split('/')) at = at?.[key];
      assert.ok(at, `${name}: ${reference}`);
    }
  }
});

test('every route is an operation, with its parameters', () => {
  const { paths } = documentOf('openapi');
  for (const [name, { method, path: target }] of Object.entries(routes)) {
    const operation = paths[target]?.[method.toLowerCase()];
    assert.equal(operation?.operationId, name);
    const inPath = [...target.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const declared =
      operation.parameters?.filter((parameter: { in: string }) => parameter.in === 'path') ?? [];
    assert.deepEqual(
      declared.map((parameter: { name: string }) => parameter.name),
      inPath,
    );
  }
});

test('every stream message, event and command is described', () => {
  const { channels, operations } = documentOf('asyncapi');
  for (const union of [ClientMessage, ServerMessage])
    for (const option of union.options) assert.ok(channels.stream.messages[option.shape.type.value]);
  assert.ok(channels.stream.messages.chunk);
  for (const type of [...eventTypes, ...commandTypes]) {
    assert.equal(channels[type].address, subjectOf(type));
    assert.ok(operations[`publish.${type}`]);
  }
});

test('--check is content with what is there', () => {
  const script = path.join(import.meta.dirname, 'generate-contracts.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
