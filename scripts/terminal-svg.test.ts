import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalSvg } from './terminal-svg.ts';

test('text keeps its column and its colours, and cannot break the picture', () => {
  const svg = terminalSvg('ab \x1b[32mgreen\x1b[39m\n\x1b[1;2m<&>\x1b[0m plain\n\n', 40, 'a "title"');
  assert.match(svg, /<text x="14\.0" y="27"[^>]*>ab\u00a0<\/text>/);
  assert.match(svg, /<text x="39\.2" y="27"[^>]*fill="#8cc265">green</);
  assert.match(svg, /<text x="14\.0" y="45"[^>]*font-weight="bold" opacity="0\.6">&lt;&amp;&gt;</);
  assert.match(svg, />\s?plain</);
});

test('256 colours, full colours and inverse are understood', () => {
  const svg = terminalSvg('\x1b[38;5;196ma\x1b[48;2;1;2;3mb\x1b[0;7mc', 10, 't');
  assert.match(svg, /fill="#ff0000">a</);
  assert.match(svg, /<rect [^>]*fill="#010203"\/>/);
  assert.match(svg, /fill="#16181d">c</);
});
