import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endAtDip } from './speech-edge.ts';

/** A picture of loudness, 10 ms a letter: `#` loud, `-` a tenth of it, `.` silent. */
function sound(picture: string): Int16Array {
  const amplitude: Record<string, number> = { '#': 8000, '-': 800, '.': 0 };
  return Int16Array.from({ length: picture.length * 160 }, (_, i) =>
    Math.round((amplitude[picture[Math.floor(i / 160)] as string] ?? 0) * Math.sin(i / 5)),
  );
}
const letters = (picture: string, maxTrimMs = 200) => endAtDip(sound(picture), maxTrimMs * 16) / 160;

test('speech ends at the deepest dip near its end', () => {
  const picture = `${'#'.repeat(40)}--${'#'.repeat(8)}`;
  assert.equal(letters(picture), 41);
  assert.equal(
    letters(`${'#'.repeat(20)}..${'#'.repeat(6)}--${'#'.repeat(4)}`),
    21,
    'the deepest, not the last',
  );
});

test('without a dip, or with one too far back, all of it stays', () => {
  assert.equal(letters('#'.repeat(50)), 50);
  assert.equal(letters(`${'#'.repeat(20)}..${'#'.repeat(30)}`), 52);
  assert.equal(letters('#'), 1);
  assert.equal(letters('', 200), 0);
  assert.equal(letters(`${'#'.repeat(20)}..##`, 0), 24);
});
