import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ECHO_SHARE, echoShare, type Heard } from './echo.ts';
import { createEchoGate } from './echo-gate.ts';

const heard = (text: string, startMs: number, endMs = startMs + text.length * 60): Heard => ({
  text,
  startMs,
  endMs,
});
const played = [heard('We could launch on the first of March, if everybody agrees.', 10_000)];

test('the same words a little later are an echo, with other case and punctuation as well', () => {
  assert.equal(
    echoShare(heard('We could launch on the first of March if everybody agrees', 10_180), played),
    1,
  );
  assert.ok(
    echoShare(heard('we could lunch on the first of march', 10_200), played) >= ECHO_SHARE,
    'one misheard',
  );
  assert.ok(echoShare(heard('everybody agree.', 12_700), played) === 1, 'a letter is missing');
});

test('other words at the same time, and the same words at another time, are speech', () => {
  assert.ok(echoShare(heard('No, that is much too early for the team', 10_500), played) < 0.5);
  assert.equal(echoShare(heard('We could launch on the first of March', 16_000), played), 0);
  assert.equal(echoShare(heard('', 10_000), played), 0);
});

test('words in another order do not count', () => {
  assert.ok(echoShare(heard('March first the on launch could we', 10_000, 12_500), played) < 0.5);
});

test('talk over the echo is kept: its own words weigh', () => {
  const both = heard('We could wait a moment I am not so sure about first of March', 10_100, 13_600);
  assert.ok(echoShare(both, played) < ECHO_SHARE);
});

test('a single word must be near', () => {
  const yes = [heard('Yes.', 10_000, 10_300)];
  assert.equal(echoShare(heard('Yes.', 10_150, 10_450), yes), 1);
  assert.equal(echoShare(heard('Yes.', 11_000, 11_300), yes), 0, 'an answer, not an echo');
});

/** Chunks of 100 ms, loud where something is played. */
async function* track(loud: (ms: number) => boolean, untilMs: number) {
  for (let ms = 0; ms < untilMs; ms += 100)
    yield {
      track: 1,
      offset: ms * 16,
      pcm: new Uint8Array(new Int16Array(1600).fill(loud(ms) ? 5000 : 0).buffer),
    };
}

async function readAll(chunks: AsyncIterable<unknown>) {
  for await (const _ of chunks);
}

test('nothing is played: a verdict without waiting', async () => {
  const gate = createEchoGate(60_000);
  await readAll(gate.overhear(track(() => false, 4000)));
  assert.equal(await gate.judge(heard('Good morning', 2000)), false);
});

test('something is played: the verdict comes with its words', async () => {
  const gate = createEchoGate(60_000);
  await readAll(gate.overhear(track((ms) => ms >= 10_000, 14_000)));
  const verdicts: boolean[] = [];
  const echo = gate.judge(heard('We could launch on the first', 10_150)).then((is) => verdicts.push(is));
  const speech = gate.judge(heard('That is too early', 10_150)).then((is) => verdicts.push(is));
  await sleep(20);
  assert.deepEqual(verdicts, [], 'nothing is known yet');
  gate.played(heard('We could launch', 10_000), false);
  await sleep(20);
  assert.deepEqual(verdicts, [], 'its text goes on');
  gate.played(played[0]!, true);
  await Promise.all([echo, speech]);
  assert.deepEqual(verdicts, [true, false]);
});

test('music: speech as soon as it is known that nobody spoke', async () => {
  const gate = createEchoGate(60_000);
  await readAll(gate.overhear(track(() => true, 14_000)));
  const speech = gate.judge(heard('That is too early', 10_000));
  gate.playedThrough(13_000);
  assert.equal(await speech, false);
});

test('who waits too long is heard', async () => {
  const gate = createEchoGate(30);
  await readAll(gate.overhear(track(() => true, 14_000)));
  assert.equal(await gate.judge(heard('That is too early', 10_000)), false);
});

test('an echo does not flash up while it is being said', () => {
  const gate = createEchoGate();
  gate.played(heard('We could launch on the', 10_000), false);
  assert.equal(gate.looksLikeEcho(heard('We could launch', 10_200)), true);
  assert.equal(gate.looksLikeEcho(heard('No, wait', 10_200)), false);
});

test('a contraction that the echo is heard without, or with, is the same word', () => {
  const played = [{ startMs: 0, endMs: 2000, text: "I knew you'd not choose, but like her." }];
  const heard = { startMs: 100, endMs: 1700, text: 'I knew you could not choose, but.' };
  assert.ok(echoShare(heard, played) >= ECHO_SHARE);
  assert.ok(echoShare({ ...heard, text: 'I know you could not come, but.' }, played) < ECHO_SHARE);
});
