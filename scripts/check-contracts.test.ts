import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const generated = path.join(import.meta.dirname, '..', 'contracts', 'generated');
const script = path.join(import.meta.dirname, 'check-contracts.ts');

// biome-ignore lint/suspicious/noExplicitAny: a document that is taken apart
type Loose = any;
type Name = 'openapi.json' | 'asyncapi.json';

/** Runs the check as CI does, on the contracts of today as 1.3.0 and what a change makes of them. */
function checked(version: string, name: Name, edit: (document: Loose) => void) {
  const folder = mkdtempSync(path.join(tmpdir(), 'speakr-contracts-'));
  try {
    for (const each of ['released', 'generated'])
      cpSync(generated, path.join(folder, each), { recursive: true });
    const change = (of: string, file: Name, with_: (document: Loose) => void) => {
      const at = path.join(folder, of, file);
      const document = JSON.parse(readFileSync(at, 'utf8'));
      with_(document);
      writeFileSync(at, JSON.stringify(document));
    };
    change('released', 'openapi.json', ({ info }) => Object.assign(info, { version: '1.3.0' }));
    change('generated', 'openapi.json', ({ info }) => Object.assign(info, { version }));
    change('generated', name, edit);
    const { status, stderr } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
    return { status, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const finished = (document: Loose) =>
  document.channels['recording.finished.v1'].messages['recording.finished.v1'].payload.allOf[1].properties
    .data;

test('the check ends with 1 where a change breaks clients, and says which and what to do', () => {
  const call = checked('1.4.0', 'openapi.json', ({ paths }) => delete paths['/v1/storage']);
  assert.equal(call.status, 1);
  assert.match(call.stderr, /1\.4\.0 breaks clients of 1\.3\.0: change it, or make it 2\.0\.0/);
  assert.match(call.stderr, /^ {2}.*\/v1\/storage/m);
  const field = checked(
    '1.4.0',
    'asyncapi.json',
    (document) => delete finished(document).properties.capturedMs,
  );
  assert.equal(field.status, 1);
  assert.match(field.stderr, /^ {2}.*capturedMs/m);
  const major = checked('2.0.0', 'openapi.json', ({ paths }) => delete paths['/v1/storage']);
  assert.deepEqual(major, { status: 0, stderr: '' });
});

test('the check ends with 0 where a change breaks nobody, as long as the version says that there is one', () => {
  const newCall = ({ paths }: Loose) =>
    Object.assign(paths, { '/v1/new': { get: paths['/v1/storage'].get } });
  const newField = (document: Loose) =>
    Object.assign(finished(document).properties, { mood: { type: 'string' } });
  assert.deepEqual(checked('1.4.0', 'openapi.json', newCall), { status: 0, stderr: '' });
  assert.deepEqual(checked('1.4.0', 'asyncapi.json', newField), { status: 0, stderr: '' });
  const unsaid = checked('1.3.0', 'openapi.json', newCall);
  assert.equal(unsaid.status, 1);
  assert.match(unsaid.stderr, /something was added since 1\.3\.0: make it 1\.4\.0/);
});
