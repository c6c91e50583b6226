import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { createJsonLog, olderLogOf } from './json-log.ts';
import { switchLogOnSignal } from './log-signal.ts';

test('every line is one JSON object with time, level, message and fields', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-log-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'logs', 'server.log');
  const log = createJsonLog({ level: 'info', file });
  log.debug({}, 'not written');
  log.child({ recordingId: 'r1' }).warn({ lagMs: 12 }, 'behind');
  const cause = Object.assign(new Error('write failed'), { code: 'EIO', payload: 'what was said' });
  log.error({ error: new SpeakrError('disk_full', 'No room.', { cause }) }, 'append failed');

  const lines = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, 2);
  assert.deepEqual(
    {
      level: lines[0].level,
      message: lines[0].message,
      recordingId: lines[0].recordingId,
      lagMs: lines[0].lagMs,
    },
    { level: 'warn', message: 'behind', recordingId: 'r1', lagMs: 12 },
  );
  assert.ok(!Number.isNaN(Date.parse(lines[0].time)));
  const { error } = lines[1];
  assert.equal(error.code, 'disk_full');
  assert.match(error.stack, /json-log\.test/);
  assert.equal(error.cause.code, 'EIO');
  assert.ok(!JSON.stringify(lines).includes('what was said'));
  if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('a full file is put aside, once, and no line is lost on the way', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-log-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'server.log');
  const log = createJsonLog({ level: 'info', file, fullAt: 10_000 });
  const child = log.child({ recordingId: 'r1' });
  for (let number = 1; number <= 450; number += 1) (number % 2 ? log : child).info({ number }, 'line');
  const numbersIn = async (path: string) =>
    (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).number);
  const [older, newer] = [await numbersIn(olderLogOf(file)), await numbersIn(file)];
  assert.deepEqual(
    [...older, ...newer],
    Array.from(
      { length: older.length + newer.length },
      (_, index) => 451 - older.length - newer.length + index,
    ),
  );
  assert.ok(older.length >= 100 && newer.length < 100, `${older.length} and ${newer.length} lines`);
  assert.deepEqual((await readdir(directory)).toSorted(), ['server.log', 'server.log.1']);
  if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
});

const noSignals = process.platform === 'win32' && 'Windows has no SIGUSR2';
test('the level can be changed while the log is in use, also for those who have a part of it', {
  skip: noSignals,
}, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-log-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'server.log');
  const log = createJsonLog({ level: 'warn', file });
  const child = log.child({ recordingId: 'r1' });
  const signals = new EventEmitter();
  const stop = switchLogOnSignal(log, signals as never);
  child.debug({}, 'one');
  signals.emit('SIGUSR2');
  child.debug({}, 'two');
  signals.emit('SIGUSR2');
  child.info({}, 'three');
  log.level = 'info';
  child.info({}, 'four');
  log.level = 'silent';
  child.error({}, 'five');
  stop();
  assert.equal(signals.listenerCount('SIGUSR2'), 0);
  const lines = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ message }) => message).filter((message) => message !== 'log level changed'),
    ['two', 'four'],
  );
});
