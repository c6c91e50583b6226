import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speakerLabel, withSpeakerNames } from './speakers.ts';

const tracks = [
  { track: 0, label: 'me', samples: 0 },
  { track: 1, label: 'them', samples: 0 },
];

test('several tracks tell who speaks, and names stand for their labels', () => {
  const spoken: { track: number; speaker?: string }[] = [{ track: 0 }, { track: 1 }];
  const names = (speakers?: Record<string, string>) =>
    withSpeakerNames(spoken, { tracks, ...(speakers ? { speakers } : {}) }).map((each) => each.speaker);
  assert.deepEqual(names(), ['me', 'them']);
  assert.deepEqual(names({ me: 'Anna' }), ['Anna', 'them']);
});

test('one track tells nothing about who speaks, until its label has a name', () => {
  const [only] = tracks;
  assert.equal(speakerLabel({ track: 0 }, { tracks: [only!] }), undefined);
  assert.deepEqual(withSpeakerNames([{ track: 0 }], { tracks: [only!], speakers: { me: 'Anna' } }), [
    { track: 0, speaker: 'Anna' },
  ]);
});

test('what an engine found about the speaker wins over the track, and can be named as well', () => {
  const spoken = [{ track: 1, speaker: 'voice 2' }];
  assert.deepEqual(withSpeakerNames(spoken, { tracks })[0]?.speaker, 'voice 2');
  assert.deepEqual(withSpeakerNames(spoken, { tracks, speakers: { 'voice 2': 'Tom' } })[0]?.speaker, 'Tom');
});

test('a label may be any word', () => {
  assert.deepEqual(withSpeakerNames([{ track: 0, speaker: 'constructor' }], { tracks, speakers: {} }), [
    { track: 0, speaker: 'constructor' },
  ]);
});
