import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, SpeakrError } from '@speakr/contracts/problem';
import type { LocalProcessing, ServerMessage } from '@speakr/contracts/stream';
import { until } from '../../scripts/until.ts';
import { type FailoverOptions, failingOver } from './failover.ts';
import type { StartUpload, UploadEnd, UploadOptions } from './uploader.ts';

const recordingId = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
const receipt = { capturedMs: 100, spooledMs: 100, acknowledgedMs: 100, transcribedMs: 100, gaps: [] };
const claims = { tracks: [{ track: 0, samples: 1600 }], capturedMs: 100, spooledMs: 100 };
const away = new SpeakrError('unreachable');

/** A way to a server that does what the test says. */
function scripted() {
  const done = Promise.withResolvers<UploadEnd>();
  done.promise.catch(() => undefined);
  const seen = { starts: 0, said: 0, finished: 0, abandoned: 0, cancelled: 0 };
  let options: UploadOptions | undefined;
  const start: StartUpload = (given) => {
    options = given;
    seen.starts += 1;
    return {
      done: done.promise,
      say() {
        seen.said += 1;
      },
      finish() {
        seen.finished += 1;
      },
      abandon() {
        seen.abandoned += 1;
      },
      async cancel() {
        seen.cancelled += 1;
      },
    };
  };
  return {
    seen,
    start,
    connect: () => options?.onConnection('connected'),
    lose: () => options?.onConnection('lost', away),
    tell: (message: ServerMessage) => options?.onMessage(message),
    end: () => done.resolve({ type: 'finished', recordingId, receipt }),
    refuse: (code: ErrorCode) => done.reject(new SpeakrError(code)),
  };
}

function begin({ policy = 'allowed' as LocalProcessing, afterMs = 20 } = {}) {
  const [remote, embedded] = [scripted(), scripted()];
  const notices: string[] = [];
  const states: string[] = [];
  const discarded: string[] = [];
  let known = policy;
  const ways: FailoverOptions = {
    remote: remote.start,
    embedded: embedded.start,
    server: 'https://remote.example',
    afterMs,
    policy: {
      read: async () => known,
      write: async (said) => {
        known = said;
      },
    },
    discardLocal: async (id) => void discarded.push(id),
  };
  const upload = failingOver(ways)({
    start: { recordingId } as UploadOptions['start'],
    async *read() {},
    onMessage: () => undefined,
    onConnection: (state) => states.push(state),
    onNotice: (text) => notices.push(text),
  });
  return { upload, remote, embedded, notices, states, discarded };
}

test('a server that is there is the only one that is used', async () => {
  const { upload, remote, embedded } = begin();
  remote.connect();
  remote.lose();
  remote.connect();
  await new Promise((resolve) => setTimeout(resolve, 60));
  upload.finish(claims);
  remote.end();
  assert.equal((await upload.done).owedTo, undefined);
  assert.equal(embedded.seen.starts, 0);
});

test('a server that stays away is stood in for, and owed the recording at the end', async () => {
  const { upload, remote, embedded, notices, states } = begin();
  upload.say({ type: 'mark', atMs: 1 });
  remote.connect();
  remote.lose();
  await until('this machine stands in', () => embedded.seen.starts === 1);
  embedded.connect();
  assert.equal(states.at(-1), 'connected');
  upload.say({ type: 'mark', atMs: 2 });
  upload.finish(claims);
  embedded.end();
  assert.equal((await upload.done).owedTo, 'https://remote.example');
  assert.deepEqual([embedded.seen.said, embedded.seen.finished, remote.seen.abandoned], [2, 1, 1]);
  assert.match(notices.join(), /stays away: this machine goes on/);
});

test('a server that comes back takes over, and what this machine has is removed', async () => {
  const { upload, remote, embedded, notices, discarded } = begin();
  await until('this machine stands in', () => embedded.seen.starts === 1);
  embedded.connect();
  remote.connect();
  assert.equal(embedded.seen.abandoned, 1);
  assert.match(notices.join(), /is back/);
  upload.finish(claims);
  remote.end();
  assert.equal((await upload.done).owedTo, undefined);
  assert.deepEqual(discarded, [recordingId]);
});

test('whoever has pressed Enter is not made to wait: a server that comes back then gets it later', async () => {
  const { upload, remote, embedded } = begin();
  await until('this machine stands in', () => embedded.seen.starts === 1);
  upload.finish(claims);
  remote.connect();
  embedded.end();
  assert.equal((await upload.done).owedTo, 'https://remote.example');
});

test('what a server forbade it need not repeat: the audio waits for it', async () => {
  const { upload, remote, embedded, notices } = begin({ policy: 'forbidden' });
  remote.lose();
  await until('a notice', () => notices.length === 1);
  assert.match(notices.join(), /does not allow this machine/);
  assert.equal(embedded.seen.starts, 0);
  remote.connect();
  upload.finish(claims);
  remote.end();
  assert.equal((await upload.done).owedTo, undefined);
});

test('a server says on every connection whether it may be stood in for', async () => {
  const { remote, embedded, notices } = begin();
  remote.connect();
  remote.tell({ type: 'ready', localProcessing: 'forbidden' } as ServerMessage);
  remote.lose();
  await until('a notice', () => notices.length === 1);
  assert.equal(embedded.seen.starts, 0);
});

test('a server that refuses is stood in for at once, with a clear word', async () => {
  const { upload, remote, embedded, notices } = begin({ afterMs: 1_000_000 });
  remote.refuse('protocol_unsupported');
  await until('this machine stands in', () => embedded.seen.starts === 1);
  assert.match(notices.join(), new RegExp(new SpeakrError('protocol_unsupported').message));
  upload.finish(claims);
  embedded.end();
  assert.equal((await upload.done).owedTo, 'https://remote.example');
});

for (const code of ['conflict', 'stream_malformed'] as const)
  test(`${code} is nothing another server would mend`, async () => {
    const { upload, remote, embedded } = begin();
    remote.refuse(code);
    await assert.rejects(upload.done, (error: SpeakrError) => error.code === code);
    assert.equal(embedded.seen.starts, 0);
  });

test('when this machine cannot help either, the recording waits for the server', async () => {
  const { upload, remote, embedded, notices } = begin();
  await until('this machine stands in', () => embedded.seen.starts === 1);
  embedded.refuse('model_missing');
  await until('a second notice', () => notices.length === 2);
  assert.match(notices.join(), /cannot go on in its place/);
  remote.connect();
  upload.finish(claims);
  remote.end();
  assert.equal((await upload.done).owedTo, undefined);
  assert.equal(embedded.seen.starts, 1);
});

test('discarding and leaving reach both', async () => {
  const cancelled = begin();
  await until('this machine stands in', () => cancelled.embedded.seen.starts === 1);
  await cancelled.upload.cancel();
  assert.deepEqual([cancelled.remote.seen.cancelled, cancelled.embedded.seen.cancelled], [1, 1]);
  const left = begin();
  await until('this machine stands in', () => left.embedded.seen.starts === 1);
  left.upload.abandon();
  assert.deepEqual([left.remote.seen.abandoned, left.embedded.seen.abandoned], [1, 1]);
  await assert.rejects(left.upload.done, (error: SpeakrError) => error.code === 'unreachable');
});
