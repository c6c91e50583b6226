import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClipboard } from './clipboard.ts';
import { copyMessage } from './copy-notes.ts';
import { fakeIo } from './fixtures/fake-io.ts';

const noSystem = () => Promise.reject(new Error('no display'));
const system = (stored: (text: string) => string) => async () => {
  let content = '';
  return {
    write: async (text: string) => {
      content = stored(text);
    },
    read: async () => content,
  };
};

test('the system clipboard is read back and compared', async () => {
  const clipboard = createClipboard({
    io: fakeIo(),
    loadSystem: system((text) => text.replaceAll('\n', '\r\n')),
  });
  assert.deepEqual(await clipboard.copy('# Notes\nline\n'), { how: 'clipboard', verified: true });
});

test('a clipboard that holds something else is not believed', async () => {
  const clipboard = createClipboard({ io: fakeIo(), loadSystem: system(() => 'other'), settleMs: 50 });
  assert.equal((await clipboard.copy('notes')).how, 'none');
});

test('a clipboard that has the text a moment after it took it is waited for', async () => {
  let content = 'what was there before';
  const loadSystem = async () => ({
    async write(text: string) {
      setTimeout(() => (content = text), 30);
    },
    read: async () => content,
  });
  const clipboard = createClipboard({ io: fakeIo(), loadSystem });
  assert.deepEqual(await clipboard.copy('notes'), { how: 'clipboard', verified: true });
});

test('a clipboard that hangs is given up', async () => {
  const hang = () => new Promise<never>(() => {});
  const loadSystem = async () => ({ write: hang, read: hang });
  const result = await createClipboard({ io: fakeIo(), loadSystem, timeoutMs: 5 }).copy('notes');
  assert.deepEqual(result, { how: 'none', why: 'there is no clipboard program and no terminal' });
});

test('without a clipboard program the terminal is asked, also through tmux', async () => {
  const io = fakeIo({ tty: true });
  assert.deepEqual(await createClipboard({ io, loadSystem: noSystem }).copy('notes'), { how: 'terminal' });
  assert.equal(io.out(), `\x1b]52;c;${Buffer.from('notes').toString('base64')}\x07`);
  const tmux = fakeIo({ tty: true, env: { TMUX: '/tmp/tmux' } });
  await createClipboard({ io: tmux, loadSystem: noSystem }).copy('notes');
  assert.ok(tmux.out().startsWith('\x1bPtmux;\x1b\x1b]52;c;'));
});

test('what the terminal cannot take is said', async () => {
  const io = fakeIo({ tty: true });
  const result = await createClipboard({ io, loadSystem: noSystem }).copy('x'.repeat(100_000));
  assert.equal(result.how, 'none');
  assert.match(copyMessage(result), /too long for the terminal/);
  assert.equal(io.out(), '');
});

test('every outcome has its sentence', () => {
  assert.match(copyMessage({ how: 'clipboard', verified: true }), /are on the clipboard/);
  assert.match(copyMessage({ how: 'clipboard', verified: false }), /could not be read back/);
  assert.match(copyMessage({ how: 'terminal' }), /OSC 52/);
});
