import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadLinks } from './dead-links.ts';

test('links inside the site are followed to their headings, those outside are not', () => {
  const pages = new Map([
    ['index.html', '<a href="/a#one">A</a> <a href="./b/c#two">C</a> <a href="https://example.org/x">X</a>'],
    ['a.html', '<h2 id="one">One</h2> <a href="#one">up</a> <a href="/">home</a>'],
    ['b/c.html', '<h2 id="two">Two</h2> <a href="../a.html">A</a>'],
  ]);
  assert.deepEqual(deadLinks(pages, '/nowhere'), []);
  pages.set('a.html', '<a href="/b/d">D</a> <a href="/b/c#three">C</a> <img src="/no.png">');
  assert.deepEqual(deadLinks(pages, '/nowhere'), [
    'index.html: /a#one leads to a heading that is not there',
    'a.html: /b/d leads nowhere',
    'a.html: /b/c#three leads to a heading that is not there',
    'a.html: /no.png leads nowhere',
  ]);
});
