import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheDirectory, resolvePaths } from './paths.ts';

test('caches are where each system keeps them', () => {
  assert.equal(cacheDirectory('linux', { HOME: '/home/ada' }), '/home/ada/.cache/speakr');
  assert.equal(cacheDirectory('linux', { HOME: '/home/ada', XDG_CACHE_HOME: '/fast' }), '/fast/speakr');
  assert.equal(
    cacheDirectory('linux', { HOME: '/home/ada', XDG_CACHE_HOME: 'fast' }),
    '/home/ada/.cache/speakr',
  );
  assert.equal(cacheDirectory('darwin', { HOME: '/Users/ada' }), '/Users/ada/Library/Caches/speakr');
  assert.equal(
    cacheDirectory('win32', { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' }),
    'C:\\Users\\ada\\AppData\\Local\\speakr\\cache',
  );
  assert.equal(
    cacheDirectory('win32', { USERPROFILE: 'C:\\Users\\ada' }),
    'C:\\Users\\ada\\AppData\\Local\\speakr\\cache',
  );
});

test('moving the data leaves the models where they are', () => {
  const { dataDir, spoolDir, modelsDir } = resolvePaths('linux', { HOME: '/home/ada' }, { dataDir: '/big' });
  assert.deepEqual(
    { dataDir, spoolDir, modelsDir },
    { dataDir: '/big', spoolDir: '/big/spool', modelsDir: '/home/ada/.local/share/speakr/models' },
  );
});
