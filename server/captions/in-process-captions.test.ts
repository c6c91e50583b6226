import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Caption } from './captions.ts';
import { createInProcessCaptions } from './in-process-captions.ts';

const caption = (lagMs: number): Caption => ({ type: 'state', mode: 'live', lagMs, transcribedMs: 0 });

describe('captions in process', () => {
  it('reach everybody who listens to the recording, in order, until they leave', () => {
    const captions = createInProcessCaptions();
    const first: Caption[] = [];
    const second: Caption[] = [];
    const listener = (heard: Caption) => void first.push(heard);
    const leave = captions.subscribe('a', listener);
    const leaveAgain = captions.subscribe('a', listener);
    captions.subscribe('b', (heard) => void second.push(heard));
    captions.publish('a', caption(1));
    leaveAgain();
    leaveAgain();
    captions.publish('a', caption(2));
    captions.publish('b', caption(3));
    leave();
    captions.publish('a', caption(4));
    captions.publish('nobody', caption(5));
    assert.deepEqual(first, [caption(1), caption(1), caption(2)]);
    assert.deepEqual(second, [caption(3)]);
  });

  it('go on for one who comes after everybody left', () => {
    const captions = createInProcessCaptions();
    captions.subscribe('a', () => {})();
    const heard: Caption[] = [];
    captions.subscribe('a', (each) => void heard.push(each));
    captions.publish('a', caption(1));
    assert.deepEqual(heard, [caption(1)]);
  });
});
