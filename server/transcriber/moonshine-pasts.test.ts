import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLayers, type Layers } from './moonshine-layers.ts';
import { createNetworkMemory, FLOAT } from './moonshine-memory.ts';
import { createPasts } from './moonshine-pasts.ts';
import { LAYERS } from './moonshine-weights.ts';

const memory = createNetworkMemory();
const layers: Layers = createLayers(memory, new Float32Array(16));

test('who goes on keeps what was said; who branches off gets a copy of it, and says the rest alone', () => {
  const pasts = createPasts(memory, layers, 3, 20);
  const say = (past: { values: number }, value: number) => {
    memory.floats[past.values / FLOAT] = value;
  };
  const said = (past: { values: number }) => memory.floats[past.values / FLOAT];
  const goOn = (...parents: number[]) => pasts.continue(parents.map((parent) => ({ token: 7, parent })));

  const [first] = goOn(0);
  assert.equal(first?.length, LAYERS);
  for (const [index, layer] of first!.entries()) say(layer, index + 1);

  const branched = goOn(0, 0, 0);
  assert.deepEqual(branched[0], first, 'nothing is copied that need not be');
  for (const past of branched) assert.deepEqual(past.map(said), [1, 2, 3, 4, 5, 6]);
  for (const [row, past] of branched.entries()) for (const layer of past) say(layer, 10 * row);

  // The middle one goes on twice, the first not at all.
  const later = goOn(1, 2, 1);
  assert.deepEqual(
    later.map((past) => said(past[5]!)),
    [10, 20, 10],
  );
  assert.equal(new Set(later.map((past) => past[0]!.values)).size, 3);
});
