import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Caption, Captions } from './captions.ts';

export interface CaptionsUnderTest {
  /** One process that publishes, and one that listens; the same where captions stay in one process. */
  readonly publisher: Captions;
  readonly listener: Captions;
  /** Resolves when what was published and subscribed so far has had its effect. */
  settled(): Promise<void>;
  cleanUp(): Promise<void>;
}

const owner = 'local';
const caption = (lagMs: number): Caption => ({ type: 'state', mode: 'live', lagMs, transcribedMs: 0 });

/** What all captions do, whatever carries them. */
export function captionsSuite(name: string, make: () => Promise<CaptionsUnderTest>): void {
  describe(`captions: ${name}`, () => {
    const behaves = (title: string, run: (under: CaptionsUnderTest) => Promise<void>) =>
      it(title, async () => {
        const under = await make();
        try {
          await run(under);
        } finally {
          await under.cleanUp();
        }
      });

    behaves(
      'reach everybody who listens to the recording, in order, until they leave',
      async ({ publisher, listener, settled }) => {
        const first: Caption[] = [];
        const second: Caption[] = [];
        const hear = (heard: Caption) => void first.push(heard);
        const leave = listener.subscribe(owner, 'a', hear);
        const leaveAgain = listener.subscribe(owner, 'a', hear);
        listener.subscribe(owner, 'b', (heard) => void second.push(heard));
        await settled();
        publisher.publish(owner, 'a', caption(1));
        await settled();
        leaveAgain();
        leaveAgain();
        publisher.publish(owner, 'a', caption(2));
        publisher.publish(owner, 'b', caption(3));
        await settled();
        leave();
        publisher.publish(owner, 'a', caption(4));
        publisher.publish(owner, 'nobody', caption(5));
        await settled();
        assert.deepEqual(first, [caption(1), caption(1), caption(2)]);
        assert.deepEqual(second, [caption(3)]);
      },
    );

    behaves('go on for one who comes after everybody left', async ({ publisher, listener, settled }) => {
      listener.subscribe(owner, 'a', () => {})();
      const heard: Caption[] = [];
      listener.subscribe(owner, 'a', (each) => void heard.push(each));
      await settled();
      publisher.publish(owner, 'a', caption(1));
      await settled();
      assert.deepEqual(heard, [caption(1)]);
    });

    behaves('are heard by nobody else, also under the same id', async ({ publisher, listener, settled }) => {
      const heard: Caption[] = [];
      listener.subscribe('eve', 'a', (each) => void heard.push(each));
      await settled();
      publisher.publish(owner, 'a', caption(1));
      await settled();
      assert.deepEqual(heard, []);
    });

    behaves('are what was published, whatever was said', async ({ publisher, listener, settled }) => {
      const said: Caption = {
        type: 'final',
        segmentId: '1.0.0',
        track: 0,
        startMs: 0,
        endMs: 900,
        text: 'Grüße, “quoted” \u2028 and 🙂',
        stable: '',
      };
      const heard: Caption[] = [];
      listener.subscribe(owner, 'a', (each) => void heard.push(each));
      await settled();
      publisher.publish(owner, 'a', said);
      await settled();
      assert.deepEqual(heard, [said]);
    });

    behaves('many keep their order', async ({ publisher, listener, settled }) => {
      const heard: number[] = [];
      listener.subscribe(owner, 'a', (each) => void heard.push(each.type === 'state' ? each.lagMs : -1));
      await settled();
      for (let index = 0; index < 500; index += 1) publisher.publish(owner, 'a', caption(index));
      await settled();
      assert.deepEqual(
        heard,
        Array.from({ length: 500 }, (_, index) => index),
      );
    });
  });
}
