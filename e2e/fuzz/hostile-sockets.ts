import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { STREAM_PATH } from '@speakr/contracts/api';
import { encodeChunk } from '@speakr/contracts/chunk';
import { ClientMessage, MAX_CHUNK_SAMPLES, MAX_MESSAGE_BYTES, ServerMessage } from '@speakr/contracts/stream';
import { v7 as uuidv7 } from 'uuid';
import { WebSocket } from 'ws';
import { namedSchemas, schemaOf } from '../../scripts/contracts/json-schema.ts';
import { finishMessage, startMessage } from '../../server/fixtures/test-app.ts';
import type { Finding, ScenarioOptions } from '../faults/finding.ts';
import { type Chance, chanceOf } from '../faults/random.ts';
import { countedSpeech } from '../faults-hosted/counted-speech.ts';
import { recordFaithfully } from '../faults-hosted/faithful-client.ts';
import { type Besieged, besieged, json, SECRET } from './besieged.ts';
import { pick, schemaValues } from './schema-values.ts';

export interface HostileSocketsOptions extends ScenarioOptions {
  readonly messages: number;
}

/** Connections at once. */
const TOGETHER = 6;
const LEAST_MESSAGES = 5;
const MOST_MESSAGES = 60;
const CHUNK_SAMPLES = 1600;
/** What the gateway may keep more at the end than after a quarter, bytes: caches have bounds, leaks have none. */
const MOST_GROWTH_BYTES = 48 * 1024 * 1024;
/** A look shows 200 recordings; one that was being begun when its client went takes another. */
const MOST_TRIES = 20;
/** A connection that the server neither ends nor answers for so long hangs, ms. */
const HANGING_MS = 60_000;

/** What a connection may end with: 1011 is a bug. 1005 and 1006: without a word, as the client did. */
const CLOSE_CODES = new Set([1000, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1012, 1013]);

const components = namedSchemas();
const schema = schemaOf(ClientMessage);

interface Frame {
  readonly data: string | Uint8Array;
  readonly binary: boolean;
  /** Sent in two pieces. */
  readonly split: boolean;
}

/** What a client says, more or less: right, spoilt, cut, twice, out of order or too large. */
function framesOf(chance: Chance, recordingIds: readonly string[]): Frame[] {
  const known = (name: string) => (name === 'recordingId' ? recordingIds : []);
  const values = schemaValues(components, known, chance);
  const frames: (string | Uint8Array)[] = [];
  const count = chance.between(LEAST_MESSAGES, MOST_MESSAGES);
  let offset = 0;
  if (chance.next() < 0.8)
    frames.push(JSON.stringify(startMessage({ recordingId: pick(chance, recordingIds) })));
  while (frames.length < count) {
    const choice = chance.next();
    if (choice < 0.35) frames.push(chunk());
    else if (choice < 0.5) frames.push(JSON.stringify(values.valid(schema)));
    else if (choice < 0.8) frames.push(JSON.stringify(values.spoilt(schema)) ?? 'undefined');
    else if (choice < 0.86) {
      const text = JSON.stringify(values.valid(schema));
      frames.push(text.slice(0, chance.between(0, text.length - 1)));
    } else if (choice < 0.9) frames.push(randomBytes(chance.between(0, 300)));
    else if (choice < 0.93) frames.push(pick(chance, frames.length > 0 ? frames : ['']));
    else if (choice < 0.96) frames.push(JSON.stringify(finishMessage(offset)));
    else if (choice < 0.97)
      frames.push(JSON.stringify({ type: 'note', atMs: 0, text: 'a'.repeat(MAX_MESSAGE_BYTES) }));
    else if (choice < 0.975) frames.push(new Uint8Array(5 * MAX_MESSAGE_BYTES));
    else
      frames.push(
        pick(chance, ['', 'null', '[]', '"start"', '{"type":"__proto__"}', '['.repeat(20_000), '\u0000']),
      );
  }
  // Some come in another order than they were said.
  if (chance.next() < 0.3)
    for (let swaps = chance.between(1, 10); swaps > 0; swaps -= 1) {
      const [one, other] = [chance.between(0, frames.length - 1), chance.between(0, frames.length - 1)];
      [frames[one], frames[other]] = [frames[other] as string, frames[one] as string];
    }
  return frames.map((data) => ({
    data,
    // Text that is said to be binary, and bytes that are no UTF-8 said to be text.
    binary: (typeof data !== 'string') !== chance.next() < 0.03,
    split: chance.next() < 0.05,
  }));

  /** Audio that goes on, or leaves a gap, goes back, is none, too long, odd, of another version or of another track. */
  function chunk(): Uint8Array {
    const choice = chance.next();
    const samples = pick(chance, [
      CHUNK_SAMPLES,
      CHUNK_SAMPLES,
      1,
      MAX_CHUNK_SAMPLES,
      MAX_CHUNK_SAMPLES + 1,
      0,
    ]);
    const at = choice < 0.7 ? offset : choice < 0.8 ? Math.max(0, offset - 5000) : chance.between(0, 2 ** 50);
    if (choice < 0.7) offset += samples;
    const track = chance.next() < 0.9 ? 0 : chance.between(0, 255);
    const frame = encodeChunk({ track, offset: at, pcm: new Uint8Array(samples * 2) });
    if (chance.next() < 0.1) frame[chance.between(0, 11)] = chance.between(0, 255);
    return chance.next() < 0.05 ? frame.subarray(0, chance.between(0, frame.length)) : frame;
  }
}

/** Says all of it over one connection. @returns the code it ended with */
function attack(
  url: string,
  frames: readonly Frame[],
  manner: 'waits' | 'leaves' | 'closes',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['speakr.v1', 'speakr.token.alex']);
    const hanging = setTimeout(() => {
      socket.terminate();
      reject(new Error('the server neither answered nor ended the connection'));
    }, HANGING_MS);
    const fail = (error: unknown) => {
      clearTimeout(hanging);
      socket.terminate();
      reject(error);
    };
    socket.on('error', () => {});
    socket.on('close', (code) => {
      clearTimeout(hanging);
      if (CLOSE_CODES.has(code)) resolve(code);
      else reject(new Error(`the connection ended with ${code}`));
    });
    socket.on('message', (data) => {
      try {
        const text = String(data);
        assert.ok(!text.includes(SECRET), 'something of somebody else');
        assert.ok(text.length <= MAX_MESSAGE_BYTES, 'a message that is too long');
        const message = ServerMessage.parse(JSON.parse(text));
        if (message.type === 'error') assert.notEqual(message.problem.code, 'internal');
      } catch (error) {
        fail(error);
      }
    });
    socket.on('open', () => {
      for (const { data, binary, split } of frames) {
        const bytes = Buffer.from(data);
        const middle = Math.floor(bytes.length / 2);
        if (split) socket.send(bytes.subarray(0, middle), { binary, fin: false }, () => {});
        socket.send(split ? bytes.subarray(middle) : bytes, { binary }, () => {});
      }
      if (manner === 'leaves') socket.terminate();
      else if (manner === 'closes') socket.close();
      // Whatever was valid so far, this is not.
      else socket.send('the end', () => {});
    });
  });
}

/**
 * Alex stops what was begun: recordings whose client is gone would be waited for.
 * @throws AssertionError when one does not stop: a session is left of a client that has gone
 */
async function discardAll({ request }: Besieged): Promise<number> {
  let discarded = 0;
  for (let tries = 1; ; tries += 1) {
    assert.ok(tries <= MOST_TRIES, 'recordings without a client do not stop');
    const answer = await request('alex', '/v1/recordings?limit=200');
    const { recordings } = (await answer.json()) as { recordings: { id: string; state: string }[] };
    const running = recordings.filter(({ state }) => state === 'recording');
    if (running.length === 0) return discarded;
    for (const { id } of running) {
      const { status } = await request('alex', `/v1/recordings/${id}/commands`, json({ command: 'cancel' }));
      assert.equal(status, 202);
      discarded += 1;
    }
  }
}

/**
 * Connections that say what no client says, on PostgreSQL and NATS: each is answered with a typed error or its end, and
 * afterwards the gateway records as it did before, keeps no more than before, and has told and changed nothing of
 * another user.
 * @throws AssertionError with what was said
 */
export async function hostileSockets({ seed, say, messages }: HostileSocketsOptions): Promise<Finding> {
  const chance = chanceOf(seed);
  const place = await besieged(['transcriber', 'notes,archiver']);
  const url = place.gateway.url.replace('http', 'ws') + STREAM_PATH;
  const endings = new Map<number, number>();
  let said = 0;
  let keptAtFirst: number | undefined;
  let told = 0;
  try {
    while (said < messages) {
      const batch = Array.from({ length: TOGETHER }, () => ({
        // Of hers under the same id alex has one of alex's own.
        frames: framesOf(chance, [uuidv7(), uuidv7(), place.theirs]),
        manner: pick(chance, ['waits', 'waits', 'leaves', 'closes'] as const),
      }));
      await Promise.all(
        batch.map(async ({ frames, manner }) => {
          const code = await attack(url, frames, manner).catch((error: Error) => {
            const shown = frames.map(({ data, ...more }) => [
              Buffer.from(data).toString('latin1').slice(0, 300),
              more,
            ]);
            throw new Error(`${error.message}\n${manner}\n${JSON.stringify(shown, undefined, 1)}`, {
              cause: error,
            });
          });
          endings.set(code, (endings.get(code) ?? 0) + 1);
        }),
      );
      said += batch.reduce((sum, { frames }) => sum + frames.length, 0);
      if (said >= messages / 4) keptAtFirst ??= await place.keptBytes();
      if (said - told >= 2000) {
        told = said;
        say(`${said} messages`);
      }
    }
    await place.isWell();
    const discarded = await discardAll(place);
    const grown = (await place.keptBytes()) - (keptAtFirst ?? 0);
    assert.ok(grown < MOST_GROWTH_BYTES, `the gateway keeps ${Math.round(grown / 2 ** 20)} MB more`);
    const pcm = countedSpeech(4);
    const { receipt } = await recordFaithfully({
      url: place.gateway.url,
      user: 'alex',
      pcm,
      speed: 4,
      limitMs: 120_000,
    });
    assert.deepEqual(
      [receipt.acknowledgedMs, receipt.transcribedMs, receipt.gaps],
      [pcm.length / 16, pcm.length / 16, []],
    );
    const codes = [...endings].sort(([a], [b]) => a - b).map(([code, times]) => `${times} × ${code}`);
    return {
      fault: `${said} messages, malformed, cut, out of order, twice and too large, over ${[...endings.values()].reduce((sum, times) => sum + times, 0)} connections`,
      held: `ended with ${codes.join(', ')}; nothing of another user told or changed, ${discarded} recordings discarded, ${Math.round(grown / 2 ** 20)} MB more kept, and the next recording was whole`,
    };
  } finally {
    await place.stop();
  }
}
