import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LivePolicy, livePolicy } from './live-policy.ts';
import { createLiveSegmenter, type LiveEvent } from './live-segmenter.ts';

const policy: LivePolicy = {
  ...livePolicy,
  preRoll: 2,
  postRoll: 1,
  minSpeech: 2,
  pause: 2,
  endpoint: 4,
  endpointMidSentence: 6,
  endpointLong: 4,
  maxOpen: 20,
  cutMargin: 4,
};
const probabilityOf = (letter: string) => (letter === '#' ? 0.9 : letter === '-' ? 0.4 : 0.05);

function listen(picture: string, midSentence = false, by = policy): LiveEvent[] {
  const segmenter = createLiveSegmenter(by);
  const events = [...picture].flatMap((letter) => segmenter.add(probabilityOf(letter), 0, midSentence));
  return [...events, ...segmenter.end()];
}
const brief = (events: readonly LiveEvent[]) =>
  events.map((event) => {
    if (event.type === 'begin') return `begin ${event.start}`;
    if (event.type === 'pause') return `pause ${event.end}`;
    if (event.type === 'end') return `${event.cut ? 'cut' : 'end'} ${event.start}-${event.end}`;
    return event.type;
  });

test('a segment begins before the speech and ends after a silence', () => {
  assert.deepEqual(brief(listen('....####....')), ['begin 2', 'pause 9', 'end 2-9']);
});

test('a short noise begins nothing, silence brings nothing', () => {
  assert.deepEqual(listen('....#.....-.....'), []);
});

test('a short silence is a pause that was none', () => {
  assert.deepEqual(brief(listen('####...####....')), [
    'begin 0',
    'pause 5',
    'resume',
    'pause 12',
    'end 0-12',
  ]);
});

test('in the middle of a sentence the end waits longer', () => {
  assert.deepEqual(brief(listen('####.....####', true)), ['begin 0', 'pause 5', 'resume', 'end 0-13']);
  assert.deepEqual(brief(listen('####.....####', false)), [
    'begin 0',
    'pause 5',
    'end 0-5',
    'begin 7',
    'end 7-13',
  ]);
});

test('speech without a pause is cut at its weakest frame and goes on at once', () => {
  const events = listen(`${'#'.repeat(13)}-${'#'.repeat(10)}......`);
  assert.deepEqual(brief(events), ['begin 0', 'cut 0-13', 'begin 13', 'pause 25', 'end 13-25']);
});

test('the longer a segment is, the shorter a silence ends it', () => {
  const patient = {
    ...policy,
    endpoint: 5,
    endpointLong: 2,
    pause: 1,
    shortOpen: 8,
    longOpen: 14,
    maxOpen: 40,
  };
  const ends = (picture: string) => brief(listen(picture, false, patient)).filter((line) => /end/.test(line));
  assert.deepEqual(ends(`${'#'.repeat(4)}...${'#'.repeat(4)}......`), ['end 0-12']);
  assert.deepEqual(ends(`${'#'.repeat(13)}...${'#'.repeat(4)}......`), ['end 0-14', 'end 14-21']);
});

test('where noise hides the pauses, a long drop of the level ends a segment, and the next begins at once', () => {
  const noisy = { ...policy, quietBelow: 10, quietEndpoint: 4, quietAfter: 6 };
  const segmenter = createLiveSegmenter(noisy);
  const levels = [...'########....########.....'].map((letter) => (letter === '#' ? 60 : 45));
  const events = levels.flatMap((level) => segmenter.add(0.9, level, false));
  assert.deepEqual(brief([...events, ...segmenter.end()]), [
    'begin 0',
    'cut 0-11',
    'begin 11',
    'cut 11-23',
    'begin 23',
    'end 23-25',
  ]);
});

test('where it is quiet behind the speech, a drop of the level ends nothing', () => {
  const segmenter = createLiveSegmenter({
    ...policy,
    quietBelow: 10,
    quietEndpoint: 4,
    quietAfter: 6,
    maxOpen: 99,
  });
  const events = [...'########....########'].flatMap((letter, index) =>
    segmenter.add(0.9, index === 0 ? 20 : letter === '#' ? 60 : 45, false),
  );
  assert.deepEqual(brief(events), ['begin 0']);
});

test('speech that only grows softer is not cut at every word', () => {
  const segmenter = createLiveSegmenter({
    ...policy,
    quietBelow: 10,
    quietEndpoint: 4,
    shortOpen: 6,
    maxOpen: 99,
  });
  const events = Array.from({ length: 60 }, (_, i) => 60 - i / 2).flatMap((level) =>
    segmenter.add(0.9, level, false),
  );
  assert.ok(events.filter(({ type }) => type === 'end').length <= 1);
});

test('what is said when the track ends is not lost', () => {
  assert.deepEqual(brief(listen('....######')), ['begin 2', 'end 2-10']);
  assert.deepEqual(brief(listen('.........#')), ['end 7-10']);
});

test('an end carries the probabilities of its frames', () => {
  const end = listen('...##-##.....').find((event) => event.type === 'end');
  assert.deepEqual(
    [...(end?.probabilities ?? [])].map((p) => Math.round(p * 10)),
    [1, 1, 9, 9, 4, 9, 9, 1],
  );
});

test('a gap ends the segment; hours of silence cost nothing and keep frame numbers', () => {
  const segmenter = createLiveSegmenter(policy, 50);
  for (const letter of '####') segmenter.add(probabilityOf(letter), 0, false);
  const hours = 400_000;
  assert.deepEqual(brief(segmenter.addSilence(hours)), ['pause 55', 'end 50-55']);
  assert.equal(segmenter.openStart, -1);
  assert.equal(segmenter.needed, 54 + hours - 2);
  const events = [...'####'].flatMap((letter) => segmenter.add(probabilityOf(letter), 0, false));
  assert.deepEqual(brief(events), [`begin ${hours + 52}`]);
  assert.equal(segmenter.openStart, hours + 52);
  assert.equal(segmenter.falling, false);
});

test('segments never overlap and no event needs a frame that may be forgotten', () => {
  const segmenter = createLiveSegmenter(policy);
  const picture = `..####....###...#####......${'#'.repeat(50)}-....##..##......#.####`;
  let needed = 0;
  let last = 0;
  for (const letter of picture)
    for (const event of segmenter.add(probabilityOf(letter), 0, false)) {
      if (event.type === 'end') {
        assert.ok(event.start >= last && event.start >= needed);
        last = event.end;
      }
      needed = segmenter.needed;
    }
  assert.ok(last > 60);
});

test('a silence that is long enough ends the segment as soon as it is known that the sentence does', () => {
  const segmenter = createLiveSegmenter(policy);
  const events = [...'####.....'].flatMap((letter) => segmenter.add(probabilityOf(letter), 0, true));
  assert.deepEqual(brief(events), ['begin 0', 'pause 5']);
  assert.deepEqual(segmenter.settle(true), []);
  assert.deepEqual(brief(segmenter.settle(false)), ['end 0-5']);
  assert.deepEqual(segmenter.settle(false), []);
});
