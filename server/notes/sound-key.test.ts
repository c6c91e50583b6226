import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heardAs } from './sound-key.ts';

test('what an engine makes of a term sounds like it', () => {
  for (const [term, text, heard] of [
    ['Kubernetes', 'we deploy to cooper netties today', 'cooper netties'],
    ['PostgreSQL', 'the post gress q l database', 'post gress q l'],
    ['Metformin', 'five hundred of met for man', 'met for man'],
  ] as const)
    assert.equal(heardAs(term, text), heard);
});

test('other words do not, and short terms never do', () => {
  assert.equal(heardAs('Kubernetes', 'we deploy to production today'), undefined);
  assert.equal(heardAs('Kubernetes', ''), undefined);
  assert.equal(heardAs('Ann', 'Ann said so'), undefined);
});
