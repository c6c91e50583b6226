import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Context } from './context.ts';
import { commandRecording } from './recording-command.ts';

test('a recording that ended by itself meanwhile is no failure of `stop`; one without a server is told by its process', async () => {
  const context = {
    backend: async () => ({ runningApi: async () => undefined }),
  } as unknown as Pick<Context, 'backend' | 'config'>;
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  const recording = { id: '01a223c2-b815-756d-a612-7fc784bb591f', pid: child.pid as number };
  await commandRecording(recording, { command: 'stop' }, context);
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  assert.equal(await commandRecording(recording, { command: 'stop' }, context), undefined);
});
