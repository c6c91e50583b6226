import assert from 'node:assert/strict';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { Receipt } from '@speakr/contracts/recording';
import { type ServerMessage, samplesToMs } from '@speakr/contracts/stream';
import { until } from '../../scripts/until.ts';
import { type LogChunk, loadJournals } from '../embedded.ts';
import type { Capture } from './capture.ts';
import { finishSpool } from './finish-spool.ts';
import type { RecorderEvent } from './recorder-event.ts';
import { type RecordingOptions, startRecording } from './recording.ts';
import { spoolDirectory } from './spool-meta.ts';
import { lengthOf } from './spool-track.ts';
import type { StartUpload, UploadOptions } from './uploader.ts';

const identity = async (bytes: Uint8Array) => bytes;

/** A source that gives what the test pushes. */
function scriptedCapture(said = '') {
  const queue: (Uint8Array | 'end')[] = [];
  let wake = () => {};
  let stopped = false;
  const push = (item: Uint8Array | 'end') => {
    queue.push(item);
    wake();
  };
  const open = (): Capture => ({
    chunks: (async function* () {
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const item = queue.shift();
        if (item === 'end' || item === undefined) return;
        yield item;
      }
    })(),
    stop() {
      stopped = true;
      push('end');
    },
    postpone: () => {},
    startedAt: undefined,
    get stopped() {
      return stopped;
    },
    said,
  });
  return {
    open,
    hear: (count: number) => Array.from({ length: count }, () => push(new Uint8Array(3200).fill(1))),
    end: () => push('end'),
  };
}

/** A server that takes everything, finishes, and can be spoken through. */
function scriptedServer({ refuses }: { refuses?: SpeakrError } = {}) {
  const seen = {
    chunks: [] as LogChunk[],
    said: [] as unknown[],
    start: undefined as unknown,
    cancelled: false,
  };
  let options: UploadOptions | undefined;
  const startUpload: StartUpload = (given) => {
    options = given;
    seen.start = given.start;
    const done = Promise.withResolvers<Extract<ServerMessage, { type: 'finished' }>>();
    done.promise.catch(() => undefined);
    given.onConnection('connecting');
    if (refuses !== undefined) {
      given.onConnection('lost', refuses);
      if (!refuses.definition.retryable) done.reject(refuses);
    } else given.onConnection('connected');
    const reading = (async () => {
      if (refuses === undefined)
        for await (const chunk of given.read(0, 0, new AbortController().signal)) seen.chunks.push(chunk);
    })();
    return {
      done: done.promise,
      say: (moment) => seen.said.push(moment),
      finish: async ({ capturedMs, spooledMs }) => {
        await reading;
        if (refuses !== undefined) return;
        const gaps: Receipt['gaps'] = seen.chunks.flatMap((chunk) =>
          'gapSamples' in chunk
            ? [
                {
                  track: 0,
                  startMs: samplesToMs(chunk.offset),
                  durationMs: samplesToMs(chunk.gapSamples),
                  reason: chunk.reason,
                },
              ]
            : [],
        );
        const receipt = {
          capturedMs,
          spooledMs,
          acknowledgedMs: capturedMs,
          transcribedMs: capturedMs,
          gaps,
        };
        done.resolve({ type: 'finished', recordingId: given.start.recordingId, receipt });
      },
      cancel: async () => {
        seen.cancelled = true;
      },
      abandon: () => done.reject(refuses ?? new SpeakrError('interrupted')),
    };
  };
  return { seen, startUpload, tell: (message: ServerMessage) => options?.onMessage(message) };
}

function begin(overrides: Partial<RecordingOptions> = {}, said = '', server = scriptedServer()) {
  const capture = scriptedCapture(said);
  const events: RecorderEvent[] = [];
  const clock = {
    wall: Date.parse('2026-11-21T12:00:00Z'),
    mono: 1000,
    now: () => clock.wall,
    monotonic: () => clock.mono,
  };
  const spool = {
    spoolDir: mkdtempSync(join(tmpdir(), 'speakr-recording-')),
    keys: async () => ({ wrap: identity, unwrap: identity }),
    journals: loadJournals,
  };
  const recording = startRecording({
    inputs: [{ label: 'me', kind: 'microphone', open: capture.open }],
    source: 'microphone',
    language: 'en',
    template: 'meeting',
    tags: ['launch'],
    title: 'Planning',
    spool,
    startUpload: server.startUpload,
    clock,
    patienceMs: 200,
    onEvent: (event) => events.push(event),
    ...overrides,
  });
  const heard = (count: number) =>
    until(`${count} chunks are heard`, () => events.filter(({ type }) => type === 'level').length >= count);
  const directory = spoolDirectory(spool.spoolDir, recording.id);
  return { capture, server, recording, events, clock, spool, heard, directory };
}

const samples = (chunks: readonly LogChunk[]) => chunks.reduce((sum, chunk) => sum + lengthOf(chunk), 0);

test('a stopped recording is uploaded whole, finished, and its spool removed', async () => {
  const { capture, server, recording, heard, directory, events } = begin();
  capture.hear(5);
  await heard(5);
  recording.stop();
  const outcome = await recording.done;
  assert.ok(outcome.ending === 'finished');
  assert.deepEqual([outcome.receipt.capturedMs, outcome.receipt.spooledMs], [500, 500]);
  assert.equal(samples(server.seen.chunks), 8000);
  assert.equal(existsSync(directory), false);
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'phase' ? [event.phase] : [])),
    ['recording', 'finishing', 'done'],
  );
});

test('the wall clock may jump: positions follow the monotonic one', async () => {
  const { capture, server, recording, heard, clock } = begin();
  capture.hear(1);
  await heard(1);
  clock.wall -= 3_600_000;
  clock.mono += 700;
  assert.equal(recording.atMs(), 800);
  recording.mark();
  recording.stop();
  await recording.done;
  assert.deepEqual(server.seen.said, [{ type: 'mark', atMs: 800 }]);
});

test('another terminal can leave a note, stop, and discard', async () => {
  const noted = begin();
  noted.capture.hear(1);
  await noted.heard(1);
  noted.server.tell({ type: 'command', command: 'note', text: 'monthly billing' });
  noted.server.tell({ type: 'command', command: 'stop' });
  assert.equal((await noted.recording.done).ending, 'finished');
  assert.deepEqual(noted.server.seen.said, [{ type: 'note', atMs: 100, text: 'monthly billing' }]);

  const discarded = begin();
  discarded.capture.hear(1);
  await discarded.heard(1);
  discarded.server.tell({ type: 'command', command: 'cancel' });
  assert.deepEqual(await discarded.recording.done, { ending: 'discarded' });
  assert.equal(discarded.server.seen.cancelled, true);
  assert.equal(existsSync(discarded.directory), true, 'it can be taken back');
});

test('a device that is lost leaves a gap and its reason; one that never was is an error', async () => {
  const lost = begin({ deviceWaitMs: 0 });
  lost.capture.hear(3);
  await lost.heard(3);
  lost.clock.mono += 600;
  lost.capture.end();
  const outcome = await lost.recording.done;
  assert.ok(outcome.ending === 'finished');
  assert.equal(outcome.problem?.code, 'device_lost');
  assert.deepEqual(outcome.receipt.gaps, [
    { track: 0, startMs: 300, durationMs: 400, reason: 'device_lost' },
  ]);

  const denied = begin({}, 'default: Permission denied');
  denied.capture.end();
  await assert.rejects(denied.recording.done, (error: SpeakrError) => error.code === 'microphone_denied');
});

test('a file that ends before its header says is recorded with a gap; one too short is refused', async () => {
  const file = scriptedCapture('  Duration: 00:00:03.00, start');
  const cut = begin({ inputs: [{ label: 'me', kind: 'file', open: file.open }], source: 'talk.flac' });
  file.hear(10);
  file.end();
  const outcome = await cut.recording.done;
  assert.ok(outcome.ending === 'finished');
  assert.equal(outcome.problem?.code, 'file_truncated');
  assert.deepEqual(outcome.receipt.gaps, [
    { track: 0, startMs: 1000, durationMs: 2000, reason: 'source_truncated' },
  ]);

  const short = scriptedCapture();
  const refused = begin({
    source: 'x.wav',
    inputs: [
      {
        label: 'me',
        kind: 'file',
        open: () => {
          const made = short.open();
          return {
            ...made,
            chunks: (async function* () {
              yield new Uint8Array(100);
            })(),
            stopped: false,
            said: '',
          };
        },
      },
    ],
  });
  await assert.rejects(refused.recording.done, (error: SpeakrError) => error.code === 'audio_too_short');
  assert.equal(existsSync(refused.directory), false);
});

test('stopped before there was any audio', async () => {
  const { recording } = begin();
  recording.stop();
  await assert.rejects(recording.done, /stopped before there was any audio/);
});

for (const code of ['unreachable', 'model_missing'] as const)
  test(`a server that answers with ${code} costs nothing: the audio is kept, and finished later`, async () => {
    const refusing = scriptedServer({ refuses: new SpeakrError(code) });
    const { recording, capture, heard, spool, directory } = begin({}, '', refusing);
    capture.hear(4);
    await heard(4);
    recording.mark();
    recording.stop();
    const outcome = await recording.done;
    assert.ok(outcome.ending === 'kept');
    assert.deepEqual([outcome.why.code, outcome.lostMs], [code, 0]);

    const server = scriptedServer();
    const { receipt } = await finishSpool(recording.id, { spool, startUpload: server.startUpload });
    assert.equal(receipt.capturedMs, 400);
    assert.equal(samples(server.seen.chunks), 6400);
    assert.equal(server.seen.said.length, 1);
    const { title, tags } = server.seen.start as { title: string; tags: string[] };
    assert.deepEqual([title, tags], ['Planning', ['launch']]);
    assert.equal(existsSync(directory), false);
  });

test('what can be neither sent nor written is not said to be kept', async () => {
  const refusing = scriptedServer({ refuses: new SpeakrError('unreachable') });
  const keyless = {
    spoolDir: mkdtempSync(join(tmpdir(), 'speakr-recording-')),
    keys: () => Promise.reject(new SpeakrError('key_missing')),
    journals: loadJournals,
  };
  const { recording, capture, heard } = begin({ spool: keyless }, '', refusing);
  capture.hear(4);
  await heard(4);
  recording.stop();
  const outcome = await recording.done;
  assert.equal(outcome.ending === 'kept' && outcome.lostMs, 400);
});

test('a recording that is left at once can be finished later', async () => {
  const { recording, capture, heard, spool } = begin();
  capture.hear(3);
  await heard(3);
  const done = assert.rejects(recording.done, (error: SpeakrError) => error.code === 'interrupted');
  await recording.abandon();
  await done;
  const server = scriptedServer();
  const { receipt } = await finishSpool(recording.id, { spool, startUpload: server.startUpload });
  assert.equal(receipt.capturedMs, 300);
});

test('errors of the server are kept for the end', async () => {
  const { recording, capture, heard, server } = begin();
  capture.hear(1);
  await heard(1);
  server.tell({ type: 'error', problem: new SpeakrError('recognizer_failed').toProblem() });
  recording.stop();
  const outcome = await recording.done;
  assert.equal(outcome.ending === 'finished' && outcome.problem?.code, 'recognizer_failed');
});

test('what ended a connection is over with the next one', async () => {
  const { capture, recording, heard, server } = begin();
  capture.hear(1);
  await heard(1);
  server.tell({ type: 'error', problem: new SpeakrError('disk_full').toProblem() });
  server.tell({ type: 'ready' } as ServerMessage);
  recording.stop();
  const outcome = await recording.done;
  assert.ok(outcome.ending === 'finished');
  assert.equal(outcome.problem, undefined);
});
