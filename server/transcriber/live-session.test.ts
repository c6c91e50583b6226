import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { until } from '../../scripts/until.ts';
import type { LogChunk } from '../audio-log/audio-log.ts';
import { manualClock } from '../fixtures/manual-clock.ts';
import { chunksOf, soundOf } from './fixtures/sound.ts';
import { levelVoiceActivity } from './level-voice-activity.ts';
import type { LiveFinal } from './live-finals.ts';
import { livePolicy } from './live-policy.ts';
import { type LiveOptions, type LivePartial, transcribeLive } from './live-session.ts';
import { type ScriptedRecognizer, scriptedRecognizer } from './scripted-recognizer.ts';

/** Plays chunks as they would come from a microphone: the clock moves with them, and everybody gets a turn. */
async function* played(
  chunks: Iterable<LogChunk>,
  clock: ReturnType<typeof manualClock>,
): AsyncGenerator<LogChunk> {
  for (const chunk of chunks) {
    clock.advance(('pcm' in chunk ? chunk.pcm.length / 2 : chunk.gapSamples) / 16);
    yield chunk;
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  }
}

interface Heard {
  partials: LivePartial[];
  finals: LiveFinal[];
  states: { mode: string; lagMs: number; throughSample: number }[];
  /** What was shown, in order: `partial <segment>` or `final <segment>`. */
  order: string[];
}

async function listen(
  chunks: Iterable<LogChunk>,
  recognizer: ScriptedRecognizer,
  options: Partial<LiveOptions> = {},
): Promise<Heard> {
  const clock = manualClock();
  const heard: Heard = { partials: [], finals: [], states: [], order: [] };
  await transcribeLive({
    chunks: played(chunks, clock),
    fromSample: 0,
    available: () => 0,
    recognizer,
    voiceActivity: levelVoiceActivity(),
    language: 'en',
    session: 'a',
    clock,
    signal: new AbortController().signal,
    onPartial(partial) {
      heard.partials.push(partial);
      heard.order.push(`partial ${partial.segment}`);
    },
    async onFinal(final) {
      heard.finals.push(final);
      heard.order.push(`final ${final.segment}`);
    },
    onState: (state) => heard.states.push(state),
    ...options,
  });
  return heard;
}
const looping = (text: string) => scriptedRecognizer([text], { loop: true });
const near = (actual: number | undefined, expected: number, by = 64) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= by, `${actual} is not near ${expected}`);

test('partials come while somebody speaks, one final at the end, in the order of the audio', async () => {
  const sound = soundOf('....####################..........##########..........');
  const { partials, finals, order } = await listen(chunksOf(sound), looping('We launch in March.'));
  assert.ok(partials.filter(({ segment }) => segment === 0).length >= 3);
  assert.deepEqual(
    finals.map(({ segment, text }) => [segment, text]),
    [
      [0, 'We launch in March.'],
      [1, 'We launch in March.'],
    ],
  );
  assert.ok(order.indexOf('final 0') < order.indexOf('partial 1'));
  assert.ok(order.lastIndexOf('partial 0') < order.indexOf('final 0'));
  near(finals[0]?.startMs, 400, 350);
  near(finals[0]?.endMs, 2400);
  near(finals[1]?.endMs, 4400);
  assert.equal(finals[0]?.shown, true);
});

test('what is stable in a partial stays, in the partials and only grows', async () => {
  const { partials } = await listen(
    chunksOf(soundOf('..########################..........')),
    scriptedRecognizer(['We', 'We lunch', 'We launch in', 'We launch in the', 'We launch in March.'], {
      loop: true,
    }),
  );
  let stable = '';
  for (const partial of partials) {
    assert.ok(partial.stable.startsWith(stable));
    assert.ok(partial.text.startsWith(partial.stable));
    stable = partial.stable;
  }
  assert.notEqual(stable, '');
});

test('a guess is not shown; until something is, partials come faster', async () => {
  const sound = soundOf(`..${'#'.repeat(12)}`);
  const guessing = (confidences: readonly number[]) =>
    scriptedRecognizer([{ text: 'Uh', confidences }], { loop: true });
  const [unsure, sure] = [guessing([0.1]), guessing([0.9])];
  const [first] = (await listen(chunksOf(sound), sure)).partials;
  const { partials } = await listen(chunksOf(sound), unsure);
  assert.equal(first?.text, 'Uh');
  // What is heard twice is shown, sure or not.
  assert.ok((partials[0]?.endMs ?? 0) > first.endMs);
  assert.ok((partials[0]?.endMs ?? 0) < first.endMs + 300);
});

test('an invention at the end does not lend its confidence to the word before', async () => {
  const text = `We ${'go '.repeat(30)}`.trim();
  const looped = { text, confidences: text.split(' ').map(() => 0.99) };
  const { partials } = await listen(
    chunksOf(soundOf('..########')),
    scriptedRecognizer([looped], { loop: true }),
  );
  assert.equal(partials[0]?.text, 'We');
});

test('silence asks the recognizer nothing', async () => {
  const recognizer = scriptedRecognizer([]);
  const { finals, states } = await listen(chunksOf(soundOf('.'.repeat(300))), recognizer);
  assert.equal(recognizer.calls.length, 0);
  assert.deepEqual(finals, []);
  const through = states.at(-1)?.throughSample ?? 0;
  near(through / 16, 30_000, 400);
});

test('the text of a pause is ready when the pause turns out to be the end', async () => {
  const recognizer = looping('Done.');
  await listen(chunksOf(soundOf('..##########..........')), recognizer);
  const finals = recognizer.calls.filter(({ options }) => options.priority === 'final');
  assert.equal(finals.length, 1, 'decoded in advance, and not again at the end');
});

test('speech without a pause is finalised all the same', async () => {
  const { finals } = await listen(chunksOf(soundOf(`..${'#'.repeat(250)}....`)), looping('On and on.'));
  assert.ok(finals.length >= 3);
  for (const [index, final] of finals.entries()) {
    assert.ok(final.endMs - final.startMs <= 12_100);
    if (index > 0) near(final.startMs, finals[index - 1]?.endMs ?? 0);
  }
});

test('what is said when the recording stops is in the last final', async () => {
  const { finals, states } = await listen(chunksOf(soundOf('....########')), looping('To the end.'));
  assert.deepEqual(
    finals.map(({ text }) => text),
    ['To the end.'],
  );
  near(finals[0]?.endMs, 1200);
  assert.equal(states.at(-1)?.mode, 'finishing');
});

test('a segment in which nothing was said takes back what was shown', async () => {
  const turns = ['Uh', 'Uh', '', '', '', '', ''];
  const { finals } = await listen(
    chunksOf(soundOf('..############..........')),
    scriptedRecognizer(turns, { loop: true }),
  );
  assert.deepEqual(
    finals.map(({ text, shown }) => [text, shown]),
    [['', true]],
  );
});

test('a gap ends the segment and counts as time', async () => {
  const gap = { track: 0, offset: 16_000, gapSamples: 16_000 * 3600, reason: 'sleep' } as const;
  const after = [...chunksOf(soundOf('..########....'))].map((chunk) => ({
    ...chunk,
    offset: chunk.offset + 16_000 * 3601,
  }));
  const { finals } = await listen([...chunksOf(soundOf('..########')), gap, ...after], looping('Words.'));
  assert.equal(finals.length, 2);
  near(finals[0]?.endMs, 1000);
  near(finals[1]?.endMs, 3_601_000 + 1000);
});

test('when it falls behind it shows finals only, drops nothing, and comes back', async () => {
  const sound = soundOf(
    `${'..########........'.repeat(8)}${'.'.repeat(100)}${'..########........'.repeat(3)}`,
  );
  const total = sound.length / 2;
  let read = 0;
  // The first half is there at once, as after a restart; the rest comes as it is spoken.
  const backlog = 16_000 * 20;
  function* counted() {
    for (const chunk of chunksOf(sound)) {
      read = chunk.offset + chunk.pcm.length / 2;
      yield chunk;
    }
  }
  const { finals, states, partials } = await listen(counted(), looping('Words.'), {
    available: () => Math.min(total, Math.max(read, backlog)),
  });
  assert.equal(finals.length, 11);
  assert.equal(states[0]?.mode, 'finals-only');
  assert.ok(states.some(({ mode }) => mode === 'live'));
  assert.ok(partials.every(({ startMs }) => startMs > 15_000));
  assert.ok(partials.length > 0);
});

test('far behind, it leaves the workers to others, until nobody speaks into it any more', async () => {
  const sound = soundOf('..########........'.repeat(40));
  const total = sound.length / 2;
  const clock = manualClock();
  const recognizer = looping('Words.');
  let spoken = total;
  const heard = await listen(chunksOf(sound), recognizer, {
    clock,
    // Half of it is read while the speaker goes on, the rest after he has stopped.
    available: () => {
      if (recognizer.calls.length < 20) spoken += 16_000;
      else clock.advance(100);
      return spoken;
    },
  });
  assert.equal(heard.finals.length, 40, 'nothing is dropped');
  assert.equal(heard.states[0]?.mode, 'deferred');
  const priorities = recognizer.calls.map(({ options }) => options.priority);
  assert.equal(priorities[0], 'batch');
  assert.ok(!priorities.includes('partial'));
  assert.equal(priorities.at(-1), 'final', 'what is behind is caught up with');
});

test('a partial that began before a pause and comes after its text is not shown', async () => {
  const recognizer = looping('We launch.');
  const { decode } = recognizer;
  let release = () => {};
  const pauseDecoded = new Promise<void>((resolve) => {
    release = resolve;
  });
  recognizer.decode = async (samples, options) => {
    const decoding = await decode(samples, options);
    if (options.priority === 'final') setImmediate(release);
    else {
      await pauseDecoded;
      return { ...decoding, text: 'We lunch and then.' };
    }
    return decoding;
  };
  const { partials } = await listen(chunksOf(soundOf('..######............')), recognizer, {
    policy: { ...livePolicy, endpoint: 25, endpointMidSentence: 25, endpointLong: 25 },
  });
  assert.deepEqual(new Set(partials.map(({ text }) => text)), new Set(['We launch.']));
});

test('a partial that waits for a worker is of the audio that is there when one is free', async () => {
  const recognizer = looping('We launch.');
  const { decode } = recognizer;
  const lengths: { asked: number; decoded: number }[] = [];
  recognizer.decode = async (samples, options) => {
    if (options.priority !== 'partial' || options.latest === undefined) return decode(samples, options);
    // Another session has the worker for half a second.
    for (let turn = 0; turn < 25; turn++) await new Promise(setImmediate);
    if (options.signal?.aborted) throw options.signal.reason;
    const latest = options.latest();
    lengths.push({ asked: samples.length, decoded: latest.length });
    return decode(latest, options);
  };
  const { partials } = await listen(chunksOf(soundOf(`..${'#'.repeat(40)}..........`)), recognizer);
  assert.ok(lengths.length > 2);
  for (const { asked, decoded } of lengths) assert.ok((decoded - asked) / 16 >= 300);
  for (const [index, { endMs }] of partials.slice(1).entries())
    assert.ok(endMs > partials[index]!.endMs, 'each goes on from the one before');
});

test('a partial that still waits when its segment ends is given up', async () => {
  const recognizer = looping('We launch.');
  const { decode } = recognizer;
  let waiting = 0;
  let givenUp = 0;
  recognizer.decode = (samples, options) => {
    if (options.priority !== 'partial') return decode(samples, options);
    waiting++;
    return new Promise((_, reject) => {
      options.signal?.addEventListener('abort', () => {
        givenUp++;
        reject(options.signal?.reason);
      });
    });
  };
  const sound = `..##########${'.'.repeat(20)}##########${'.'.repeat(20)}`;
  const { finals, partials } = await listen(chunksOf(soundOf(sound)), recognizer);
  assert.equal(finals.length, 2, 'and that is no failure');
  assert.deepEqual([waiting, givenUp], [2, 2], 'the next segment has partials of its own');
  assert.ok(partials.every(({ text }) => text === 'We launch.'));
});

test('an engine that fails ends the session with its error', async () => {
  const sound = soundOf('..##########..........##########..........');
  for (const failing of [1, 3]) {
    const turns = Array.from({ length: 20 }, (_, index) =>
      index === failing ? { error: new SpeakrError('recognizer_failed') } : 'Words.',
    );
    await assert.rejects(listen(chunksOf(sound), scriptedRecognizer(turns)), { code: 'recognizer_failed' });
  }
});

test('an abort ends the session at once', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(listen(chunksOf(soundOf('####')), looping('Words.'), { signal }), /enough/);
});

test('speech counts as heard only once its final is kept', async () => {
  let keptMs = 0;
  const tooFar: number[] = [];
  await listen(
    chunksOf(soundOf(`..##########${'.'.repeat(20)}##########${'.'.repeat(20)}`)),
    looping('One.'),
    {
      async onFinal({ endMs }) {
        // Longer than the states are apart.
        for (let turn = 0; turn < 60; turn++) await new Promise(setImmediate);
        keptMs = endMs;
      },
      onState({ throughSample }) {
        // The next speech begins 2 s after what is kept.
        if (throughSample / 16 > keptMs + (keptMs === 0 ? 200 : 2000) + 50) tooFar.push(throughSample / 16);
      },
    },
  );
  assert.ok(keptMs > 4000);
  assert.deepEqual(tooFar, []);
});

test('who was behind and has caught up says so, though no more audio comes', async () => {
  const sound = soundOf(`..##########${'.'.repeat(20)}##########${'.'.repeat(20)}`);
  const modes: string[] = [];
  const recognizer = looping('We launch.');
  const { decode } = recognizer;
  recognizer.decode = async (samples, options) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return decode(samples, options);
  };
  await listen([], recognizer, {
    // All of it is there at once.
    available: () => sound.length / 2,
    chunks: (async function* () {
      yield* chunksOf(sound);
      await until('it has caught up', () => modes.at(-1) === 'live', { limitMs: 2000 });
    })(),
    onState: ({ mode }) => modes.push(mode),
  });
  assert.ok(modes.includes('finals-only'), modes.join());
});

test('partials follow as many hypotheses as finals until one takes long, then fewer', async () => {
  const beams = async (decodeMs: number) => {
    let now = 0;
    const followed: (number | undefined)[] = [];
    const recognizer = looping('We launch in March.');
    const decode: ScriptedRecognizer['decode'] = (samples, options) => {
      if (options.priority === 'partial') {
        followed.push(options.beams);
        now += decodeMs;
      }
      return recognizer.decode(samples, options);
    };
    await listen(
      chunksOf(soundOf('..########################..........')),
      { ...recognizer, decode },
      { clock: { now: () => now, monotonic: () => now } },
    );
    return followed;
  };
  const { finalBeams, partialBeams, quickDecodeMs } = livePolicy;
  const quick = await beams(quickDecodeMs);
  assert.ok(quick.length >= 3 && quick.every((count) => count === finalBeams), quick.join());
  const [first, ...later] = await beams(quickDecodeMs + 1);
  assert.equal(first, finalBeams);
  assert.ok(later.length >= 2 && later.every((count) => count === partialBeams), later.join());
});
