import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { listMediaFiles, settling } from './media-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'speakr-media-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('media files of a folder and the folders in it, none that are hidden, unfinished downloads or gone', async () => {
  mkdirSync(join(directory, 'in', 'deeper'), { recursive: true });
  mkdirSync(join(directory, 'in', '.trash'));
  for (const name of ['b.MP3', 'a ü.wav', 'deeper/c.opus', '.trash/d.wav', '.e.wav', 'f.txt', 'g.mp3.part'])
    writeFileSync(join(directory, 'in', name), 'x');
  symlinkSync(join(directory, 'nowhere'), join(directory, 'in', 'h.wav'));
  const found = await listMediaFiles(join(directory, 'in'));
  assert.deepEqual(
    found.map(({ path }) => relative(join(directory, 'in'), path)),
    ['a ü.wav', 'b.MP3', join('deeper', 'c.opus')],
  );
});

test('a file is ready when it has not changed for a while; one that grows again is not', () => {
  const ready = settling(3000);
  const file = (size: number, mtimeMs = size) => ({ path: '/in/a.wav', size, mtimeMs });
  const names = (files: readonly { path: string }[]) => files.length;
  assert.equal(names(ready([file(1)], 0)), 0);
  assert.equal(names(ready([file(2)], 1000)), 0);
  assert.equal(names(ready([file(2)], 3900)), 0);
  assert.equal(names(ready([file(2)], 4000)), 1);
  assert.equal(names(ready([file(2, 9)], 5000)), 0, 'rewritten with the same size');
  assert.equal(names(ready([file(0)], 6000)), 0);
  assert.equal(names(ready([file(0)], 99_000)), 0, 'an empty file is not there yet');
});
