import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soundKey, soundsSaid } from './sound-key.ts';

test('what an engine makes of a term sounds like it', () => {
  for (const [term, heard] of [
    ['Kubernetes', 'we deploy to cooper netties today'],
    ['PostgreSQL', 'the post gress q l database'],
    ['Metformin', 'five hundred of met for man'],
  ] as const)
    assert.ok(soundsSaid(term, heard), `${term}: ${soundKey(term)}`);
});

test('other words do not, and short terms never do', () => {
  assert.equal(soundsSaid('Kubernetes', 'we deploy to production today'), false);
  assert.equal(soundsSaid('Kubernetes', ''), false);
  assert.equal(soundsSaid('Ann', 'Ann said so'), false);
});
