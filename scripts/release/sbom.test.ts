import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { componentsOf } from './components.ts';
import { softwareBill } from './sbom.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

interface Bill {
  readonly metadata: { readonly timestamp?: string };
  readonly components: readonly Record<string, unknown>[];
}

test('Node is listed under the name that lists of vulnerabilities know it by, and as a kind scanners look at', () => {
  const bill = softwareBill('1.2.3', componentsOf(root, [], '24.0.0')) as Bill;
  const node = bill.components.find(({ name }) => name === 'node');
  assert.equal(node?.type, 'application');
  assert.equal(node?.purl, 'pkg:generic/node@24.0.0');
  assert.equal(node?.cpe, 'cpe:2.3:a:nodejs:node.js:24.0.0:*:*:*:*:*:*:*');
});

test('a package is listed as the registry has it; the same components give the same list, without a time when there is none', () => {
  const components = componentsOf(root, ['node_modules/zod/v4/index.js'], '24.0.0');
  const bill = softwareBill('1.2.3', components) as Bill;
  assert.deepEqual(softwareBill('1.2.3', components), bill);
  assert.equal(bill.metadata.timestamp, undefined);
  const zod = bill.components.find(({ name }) => name === 'zod');
  assert.match(String(zod?.purl), /^pkg:npm\/zod@4\./);
  assert.deepEqual(zod?.licenses, [{ license: { id: 'MIT' } }]);
  assert.match(JSON.stringify(zod?.hashes), /SHA-512/);
});
