import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { silentLog } from '../observability/log.ts';
import { audioLogSuite } from './audio-log-suite.ts';
import { createFileAudioLog } from './file-audio-log.ts';

const dataKey = async () => new Uint8Array(32).fill(3);
const id = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';

async function temporary() {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-audio-log-'));
  return { directory, open: () => createFileAudioLog({ directory, dataKey, log: silentLog }) };
}

audioLogSuite('files', async () => {
  const { directory, open } = await temporary();
  let audioLog = open();
  return {
    audioLog,
    restart: async () => {
      await audioLog.close();
      audioLog = open();
      return audioLog;
    },
    cleanUp: async () => {
      await audioLog.close();
      await rm(directory, { recursive: true });
    },
  };
});

test('files show no audio, and a torn tail is cut off at the next start', async (t) => {
  const { directory, open } = await temporary();
  t.after(() => rm(directory, { recursive: true }));
  const pcm = Buffer.alloc(3200, 'speech');
  const first = open();
  await first.open('local', id, [0]);
  await first.append('local', id, { track: 0, offset: 0, pcm });
  await first.append('local', id, { track: 0, offset: 1600, pcm });
  await first.close();
  const path = join(directory, id, 'track-0.journal');
  assert.deepEqual((await readdir(join(directory, id))).sort(), ['log.json', 'track-0.journal']);
  assert.ok(!(await readFile(path)).includes('speech'));
  await truncate(path, (await stat(path)).size - 1);
  const second = open();
  assert.deepEqual([...(await second.open('local', id, [0]))], [[0, 1600]]);
  await second.close();
});

test('an id that could leave the directory is no id', async (t) => {
  const { directory, open } = await temporary();
  t.after(() => rm(directory, { recursive: true }));
  await assert.rejects(open().open('local', '../../../etc', [0]), (error) => error instanceof SpeakrError);
});

test('looking at a log that another process writes changes nothing', async (t) => {
  const { directory, open } = await temporary();
  t.after(() => rm(directory, { recursive: true }));
  const writer = open();
  await writer.open('local', id, [0]);
  await writer.append('local', id, { track: 0, offset: 0, pcm: new Uint8Array(3200) });
  const path = join(directory, id, 'track-0.journal');
  // As if the other process were in the middle of a record.
  await appendFile(path, Buffer.alloc(100, 1));
  const { size } = await stat(path);
  const reader = open();
  assert.deepEqual((await reader.status('local', id))?.samples, new Map([[0, 1600]]));
  const following = reader.follow('local', id, 0, 0, AbortSignal.timeout(20))[Symbol.asyncIterator]();
  assert.equal((await following.next()).value.offset, 0);
  await assert.rejects(following.next(), { name: 'TimeoutError' });
  assert.equal((await stat(path)).size, size);
  await reader.close();
  await writer.close();
});

test('a log that another process removes just before it is opened is no log any more', async (t) => {
  const { directory, open } = await temporary();
  t.after(() => rm(directory, { recursive: true }));
  const [reader, writer] = [open(), open()];
  t.after(() => Promise.all([reader.close(), writer.close()]));
  await writer.open('local', id, [0]);
  await writer.append('local', id, { track: 0, offset: 0, pcm: new Uint8Array(3200) });
  await writer.seal('local', id);
  assert.equal((await reader.status('local', id))?.sealed, true);
  await writer.remove('local', id);
  const following = reader.follow('local', id, 0, 0, AbortSignal.timeout(1000))[Symbol.asyncIterator]();
  await assert.rejects(following.next(), { code: 'not_found' });
});

test('whoever looks for a log while it is removed finds it or not, and afterwards not', async (t) => {
  const { directory, open } = await temporary();
  t.after(() => rm(directory, { recursive: true }));
  for (let round = 0; round < 40; round += 1) {
    const writer = open();
    await writer.open('local', id, [0]);
    await writer.append('local', id, { track: 0, offset: 0, pcm: new Uint8Array(3200) });
    await writer.seal('local', id);
    await writer.close();
    // As after a restart: nothing is known of it yet.
    const audioLog = open();
    const read = async () => {
      let samples = 0;
      for await (const chunk of audioLog.follow('local', id, 0, 0, new AbortController().signal))
        samples = chunk.offset + ('pcm' in chunk ? chunk.pcm.byteLength / 2 : 0);
      return samples;
    };
    const looking = [audioLog.status('local', id), read()];
    await new Promise((resolve) => setTimeout(resolve, round % 4));
    const removal = audioLog.remove('local', id);
    for (const look of await Promise.allSettled([...looking, audioLog.status('local', id), read()]))
      if (look.status === 'rejected') assert.equal(look.reason.code, 'not_found');
      else if (typeof look.value === 'number') assert.equal(look.value, 1600);
    await removal;
    assert.equal(await audioLog.status('local', id), undefined);
    await assert.rejects(read(), { code: 'not_found' });
    await audioLog.close();
  }
});
