import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import type { AudioLog, LogChunk } from './audio-log.ts';

export interface AudioLogUnderTest {
  readonly audioLog: AudioLog;
  /** Closes the adapter and opens it again on the same storage, as a restart does. */
  restart(): Promise<AudioLog>;
  cleanUp(): Promise<void>;
}

const owner = 'local';
const id = '0199f3a1-7c1e-7d63-9d0e-3f6a5b2c4d1e';
const withCode = (code: string) => (error: unknown) => error instanceof SpeakrError && error.code === code;
const never = new AbortController().signal;

function audio(offset: number, samples = 1600, track = 0): LogChunk {
  const pcm = new Uint8Array(samples * 2);
  const view = new DataView(pcm.buffer);
  for (let index = 0; index < samples; index += 1) view.setInt16(index * 2, (offset + index) % 30_000, true);
  return { track, offset, pcm };
}

/**
 * Reads to the seal; fails when chunks do not follow each other or audio differs from what `audio` makes. How it is cut
 * into chunks is the adapter's own business.
 * @returns the gaps, and last the number of samples
 */
async function read(log: AudioLog, fromSample = 0, track = 0, signal = never): Promise<(number | string)[]> {
  const seen: (number | string)[] = [];
  let next = fromSample;
  for await (const chunk of log.follow(owner, id, track, fromSample, signal)) {
    assert.equal(chunk.offset, next);
    if ('pcm' in chunk) {
      const view = new DataView(chunk.pcm.buffer, chunk.pcm.byteOffset, chunk.pcm.byteLength);
      for (let index = 0; index < chunk.pcm.byteLength / 2; index += 100)
        assert.equal(view.getInt16(index * 2, true), (chunk.offset + index) % 30_000);
      next += chunk.pcm.byteLength / 2;
    } else {
      seen.push(`${chunk.reason} ${next} to ${next + chunk.gapSamples}`);
      next += chunk.gapSamples;
    }
  }
  return [...seen, next];
}

/** What every audio log does, whatever it stores in. */
export function audioLogSuite(name: string, make: () => Promise<AudioLogUnderTest>): void {
  describe(`audio log: ${name}`, () => {
    const behaves = (title: string, run: (log: AudioLog, under: AudioLogUnderTest) => Promise<void>) =>
      test(title, async () => {
        const under = await make();
        try {
          await run(under.audioLog, under);
        } finally {
          await under.cleanUp();
        }
      });

    behaves('a new log is empty, and opening it again says what is durable', async (log) => {
      assert.equal(await log.status(owner, id), undefined);
      assert.deepEqual(
        [...(await log.open(owner, id, [0, 1]))],
        [
          [0, 0],
          [1, 0],
        ],
      );
      await log.append(owner, id, audio(0));
      const durable = new Promise<number[]>((resolve) =>
        log.onDurable(owner, id, (...what) => resolve(what)),
      );
      assert.deepEqual(await durable, [0, 1600]);
      assert.deepEqual(
        [...(await log.open(owner, id, [0, 1]))],
        [
          [0, 1600],
          [1, 0],
        ],
      );
      assert.deepEqual(await log.status(owner, id), {
        sealed: false,
        samples: new Map([
          [0, 1600],
          [1, 0],
        ]),
      });
    });

    behaves('a track announced later is added', async (log) => {
      await log.open(owner, id, [0]);
      assert.deepEqual([...(await log.open(owner, id, [0, 1])).keys()], [0, 1]);
      await log.append(owner, id, audio(0, 1600, 1));
      await assert.rejects(log.append(owner, id, audio(0, 1600, 2)), withCode('stream_malformed'));
    });

    behaves('what is there already is skipped, also in part; what skips samples is refused', async (log) => {
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      await log.append(owner, id, audio(0));
      await log.append(owner, id, audio(800));
      await assert.rejects(log.append(owner, id, audio(2401)), withCode('stream_out_of_order'));
      await log.append(owner, id, { track: 0, offset: 2000, gapSamples: 1600, reason: 'overrun' });
      await log.seal(owner, id);
      assert.deepEqual(await read(log), ['overrun 2400 to 3600', 3600]);
    });

    behaves('appends that are not waited for keep their order', async (log) => {
      await log.open(owner, id, [0]);
      await Promise.all(Array.from({ length: 20 }, (_, index) => log.append(owner, id, audio(index * 1600))));
      await log.seal(owner, id);
      assert.equal((await read(log)).at(-1), 32_000);
    });

    behaves('a follower reads what is there, waits for more, and ends at the seal', async (log) => {
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      const following = read(log, 800);
      for (let index = 1; index < 5; index += 1) {
        await log.append(owner, id, audio(index * 1600));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await log.seal(owner, id);
      assert.deepEqual(await following, [8000]);
    });

    behaves('several followers read the same at their own pace', async (log) => {
      await log.open(owner, id, [0]);
      const followers = [read(log), read(log), read(log, 1600)];
      for (let index = 0; index < 3; index += 1) await log.append(owner, id, audio(index * 1600));
      await log.seal(owner, id);
      const ends = (await Promise.all(followers)).map((seen) => seen.at(-1));
      assert.deepEqual(ends, [4800, 4800, 4800]);
    });

    behaves('a follower that is told to stop stops', async (log) => {
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      const stop = new AbortController();
      const following = read(log, 0, 0, stop.signal);
      setTimeout(() => stop.abort(), 10);
      await assert.rejects(following, { name: 'AbortError' });
    });

    behaves('a sealed log takes nothing more, and sealing again changes nothing', async (log) => {
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      await log.seal(owner, id);
      await log.seal(owner, id);
      await log.append(owner, id, audio(0));
      await assert.rejects(log.append(owner, id, audio(1600)), withCode('stream_out_of_order'));
      assert.deepEqual(await log.status(owner, id), { sealed: true, samples: new Map([[0, 1600]]) });
      assert.deepEqual([...(await log.open(owner, id, [0]))], [[0, 1600]]);
    });

    behaves('audio and seal survive a restart', async (log, under) => {
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      const second = await under.restart();
      assert.deepEqual(await second.status(owner, id), { sealed: false, samples: new Map([[0, 1600]]) });
      const following = read(second);
      await second.append(owner, id, audio(1600));
      await second.seal(owner, id);
      assert.deepEqual(await following, [3200]);
      const third = await under.restart();
      assert.deepEqual(await third.status(owner, id), { sealed: true, samples: new Map([[0, 3200]]) });
      assert.deepEqual(await read(third), [3200]);
    });

    behaves('another owner finds nothing, and harms nothing', async (log) => {
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      await assert.rejects(
        log.follow('eve', id, 0, 0, never)[Symbol.asyncIterator]().next(),
        withCode('not_found'),
      );
      assert.equal(await log.status('eve', id), undefined);
      await assert.rejects(log.append('eve', id, audio(1600)), withCode('not_found'));
      await assert.rejects(log.seal('eve', id), withCode('not_found'));
      await log.remove('eve', id);
      await log.append(owner, id, audio(1600));
      await log.seal(owner, id);
      assert.equal((await read(log)).at(-1), 3200);
    });

    behaves('logs are listed with their owners until they are removed', async (log) => {
      const other = id.replace('0199', '0200');
      const listed = async () => {
        const all: string[] = [];
        for await (const { recordingId, owner: whose } of log.list()) all.push(`${whose} ${recordingId}`);
        return all.sort();
      };
      assert.deepEqual(await listed(), []);
      await log.open(owner, id, [0]);
      await log.open('eve', other, [0]);
      await log.append(owner, id, audio(0));
      await log.seal(owner, id);
      assert.deepEqual(await listed(), [`eve ${other}`, `${owner} ${id}`].sort());
      await log.remove('eve', other);
      assert.deepEqual(await listed(), [`${owner} ${id}`]);
    });

    behaves('all logs of an owner go at once, and none of others', async (log) => {
      const other = id.replace('0199', '0200');
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      await log.open(owner, id.replace('0199', '0201'), [0]);
      await log.open('eve', other, [0]);
      const following = assert.rejects(read(log), withCode('not_found'));
      await log.removeAll(owner);
      await log.removeAll(owner);
      await following;
      const left: string[] = [];
      for await (const { recordingId } of log.list()) left.push(recordingId);
      assert.deepEqual(left, [other]);
    });

    behaves('a removed log is gone, and removing again changes nothing', async (log) => {
      await log.open(owner, id, [0]);
      await log.append(owner, id, audio(0));
      const following = read(log);
      const ended = assert.rejects(following, withCode('not_found'));
      await log.remove(owner, id);
      await log.remove(owner, id);
      await ended;
      assert.equal(await log.status(owner, id), undefined);
      await assert.rejects(log.append(owner, id, audio(1600)), withCode('not_found'));
    });
  });
}
