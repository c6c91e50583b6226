/**
 * The hosted store on a real PostgreSQL: writing metadata, and searching among the passages of many users.
 *
 *   node bench/store.ts [--sizes 10,100,1000] [--large 100000] [--fill]
 *
 * Sizes are numbers of owners, each with 1,000 passages; the targets hold for the largest. Each size is a database that
 * is filled once and kept below .cache/; `--fill` does only that, so that measuring takes minutes afterwards.
 *
 * Everything runs on this machine: server, client and disk share its cores. A search is the whole hybrid query without
 * embedding the question: which recordings, the exact scan with both halves, ranking, and opening the sealed texts.
 * `warm` has read its owner's rows before; `cold` follows a restart of PostgreSQL with an empty page cache. Recordings
 * of different owners lie mixed, as they were made.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { v7 as uuid } from 'uuid';
import { servicesHome } from '../scripts/services/home.ts';
import { startPostgres } from '../scripts/services/postgres.ts';
import { systemClock } from '../server/clock.ts';
import { execute, preparePostgres } from '../server/fixtures/postgres-database.ts';
import { createKeyFile } from '../server/keys/key-file.ts';
import { silentLog } from '../server/observability/log.ts';
import { createQueryService } from '../server/query/query-service.ts';
import { best, hybridScores, keywordScores, rankingWeights } from '../server/query/ranking.ts';
import { connectPostgres } from '../server/store/postgres-database.ts';
import { openPostgresStore } from '../server/store/postgres-store.ts';
import type { FoundPassage, Store } from '../server/store/store.ts';
import {
  fillPassages,
  MODEL,
  madePassages,
  ownerName,
  PASSAGE_MS,
  PASSAGES_PER_RECORDING,
  psqlOf,
  randomFrom,
  someWord,
  unit,
  vocabulary,
} from './store-passages.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,100,1000' },
    large: { type: 'string', default: '100000' },
    fill: { type: 'boolean', default: false },
  },
});
const SIZES = values.sizes.split(',').map(Number);
const LARGE = Number(values.large);
const PASSAGES = 1000;
const WRITES = 3000;
/** Number of the owner with many passages. */
const LARGE_OWNER = 1_000_000;
const WRITERS = 8;
const QUESTIONS = 400;
const COLD_QUESTIONS = 25;
const LARGE_QUESTIONS = 20;
const RECALL_QUESTIONS = 40;
const HITS = 10;
const DROP_CACHES = '/proc/sys/vm/drop_caches';

const root = path.dirname(import.meta.dirname);
const home = servicesHome(root);
const directory = path.join(home, 'bench');
const programs = path.join(home, 'programs');
mkdirSync(directory, { recursive: true });

const postgres = await startPostgres({
  programs,
  directory,
  durable: true,
  settings: { shared_buffers: '2GB', max_wal_size: '8GB', checkpoint_timeout: '30min' },
});
const keys = createKeyFile({ path: path.join(directory, 'keys', 'key') });
let missed = false;
try {
  for (const owners of SIZES) {
    const owned = Array.from({ length: owners }, (_, owner) => [owner, PASSAGES] as const);
    await fill(nameOf(owners), new Map(owned));
  }
  if (LARGE > 0) await fill('large', new Map([[LARGE_OWNER, LARGE]]));
  if (!values.fill) await measure();
} finally {
  await postgres.stop();
}
process.exitCode = missed ? 1 : 0;

function nameOf(owners: number): string {
  return `owners_${owners}`;
}

function urlOf(database: string, role = 'postgres'): string {
  const url = new URL(postgres.url);
  url.pathname = database;
  url.username = role;
  return url.href;
}

async function openStore(database: string): Promise<Store> {
  const auditing = connectPostgres({ url: urlOf(database, 'speakr_worker'), poolSize: 1 });
  const store = await openPostgresStore({
    url: urlOf(database, 'speakr_app'),
    keys,
    clock: systemClock,
    auditing: auditing.db,
  });
  return {
    ...store,
    async close() {
      await store.close();
      await auditing.close();
    },
  };
}

/** Makes and fills a database that is not there yet. */
async function fill(database: string, owners: ReadonlyMap<number, number>): Promise<void> {
  const { rows } = await execute(postgres.url, 'select from pg_database where datname = $1', [database]);
  if (rows.length > 0) return;
  const draft = `${database}_draft`;
  await execute(postgres.url, `drop database if exists ${draft}`);
  await execute(postgres.url, `create database ${draft}`);
  const urls = await preparePostgres(urlOf(draft));
  const store = await openStore(draft);
  await fillPassages({ store, keys, urls, psql: psqlOf(programs), owners });
  await store.close();
  await execute(postgres.url, `alter database ${draft} rename to ${database}`);
}

async function measure(): Promise<void> {
  const largest = nameOf(SIZES.at(-1)!);
  let store = await openStore(largest);
  const writes = await timeWrites();
  print('metadata write, 8 at a time', writes);
  target('metadata write p95 < 40 ms', percentile(writes, 95) < 40);

  let asked = new Float32Array();
  const serviceOn = (opened: Store) =>
    createQueryService({
      store: opened,
      embedder: { model: MODEL, embed: async () => [asked] } as never,
      indexPending: async () => {},
      clock: systemClock,
      log: silentLog,
    });
  let service = serviceOn(store);
  const reopen = async (database: string) => {
    await store.close();
    store = await openStore(database);
    service = serviceOn(store);
  };

  /** A question near to a passage of the owner, with three of its words and two others. */
  const questionFor = (owner: number, count: number, random: () => number) => {
    const wanted = Math.floor(random() * Math.min(count, 1000));
    let index = 0;
    for (const { vector, words } of madePassages(owner, count)) {
      if (index++ < wanted) continue;
      const noise = () => (random() - 0.5) * 0.15;
      const said = [...words.slice(0, 3), someWord(random), someWord(random)];
      return {
        vector: unit(vector.map((value) => value + noise())),
        question: said.map((word) => vocabulary[word]!.word).join(' '),
        said,
      };
    }
    throw new Error('no passage');
  };
  const ask = async (owner: number, { vector, question }: ReturnType<typeof questionFor>) => {
    asked = vector as Float32Array<ArrayBuffer>;
    const start = performance.now();
    const { hits } = await service.query(ownerName(owner), { question, limit: HITS });
    return { ms: performance.now() - start, hits };
  };
  /** Questions to owners chosen at random, each twice: the first reads what the second finds in memory. */
  const timeQuestions = async (owners: number, count: number, questions: number, seed: number) => {
    const random = randomFrom(seed);
    const warm: number[] = [];
    for (let index = 0; index < questions; index++) {
      const owner = Math.floor(random() * owners);
      const question = questionFor(owner, count, random);
      await ask(owner, question);
      warm.push((await ask(owner, question)).ms);
    }
    return warm;
  };

  for (const owners of SIZES) {
    await reopen(nameOf(owners));
    const warm = await timeQuestions(owners, PASSAGES, QUESTIONS, owners);
    print(`search, ${total(owners * PASSAGES)} passages of ${owners} owners, warm`, warm);
    if (nameOf(owners) !== largest) continue;
    target('search warm p95 < 50 ms', percentile(warm, 95) < 50);
    target('search warm p99 < 120 ms', percentile(warm, 99) < 120);
    const recall = await recallOf(owners);
    process.stdout.write(`recall of the first ${HITS} against exact float32: ${recall.toFixed(4)}\n`);
    target('recall ≥ 0.99', recall >= 0.99);
    const { rows } = await execute(
      urlOf(largest),
      `select pg_size_pretty(sum(pg_total_relation_size(inhrelid))) as size,
              pg_size_pretty(sum(pg_indexes_size(inhrelid))) as indexes
         from pg_inherits where inhparent = 'speakr.passages'::regclass`,
    );
    process.stdout.write(`passages on disk: ${rows[0].size}, of it indexes ${rows[0].indexes}\n`);
  }

  if (LARGE > 0) {
    await reopen('large');
    const random = randomFrom(5);
    const times: number[] = [];
    for (let index = 0; index <= LARGE_QUESTIONS; index++) {
      const { ms } = await ask(LARGE_OWNER, questionFor(LARGE_OWNER, LARGE, random));
      if (index > 0) times.push(ms);
    }
    print(`search, an owner of ${total(LARGE)} passages, warm`, times);
  }

  if (canDropCaches()) {
    await store.close();
    await postgres.kill('SIGINT');
    spawnSync('sync');
    writeFileSync(DROP_CACHES, '3');
    await postgres.start();
    store = await openStore(largest);
    service = serviceOn(store);
    const owners = SIZES.at(-1)!;
    const random = randomFrom(77);
    await ask(0, questionFor(0, PASSAGES, random));
    const cold: number[] = [];
    for (let index = 1; index <= COLD_QUESTIONS; index++) {
      const owner = Math.floor((index / (COLD_QUESTIONS + 1)) * owners);
      cold.push((await ask(owner, questionFor(owner, PASSAGES, random))).ms);
    }
    print(`search, ${total(owners * PASSAGES)} passages, cold`, cold);
  } else process.stdout.write('search, cold: the page cache cannot be emptied here\n');
  await store.close();

  async function timeWrites(): Promise<number[]> {
    const times: number[] = [];
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const owner = `writer-${writer}`;
        await store.read(owner, async () => {});
        for (let index = 0; index < WRITES / WRITERS; index++) {
          const id = uuid();
          const start = performance.now();
          await store.transaction(owner, async (own) => {
            await own.createRecording({
              id,
              title: 'Meeting',
              tags: [],
              mode: 'live',
              language: 'en',
              model: 'moonshine-tiny-en',
              template: 'meeting',
              source: 'microphone',
              startedAt: systemClock.now(),
              tracks: [{ track: 0, label: 'me', samples: 0 }],
            });
            await own.publish('recording.started.v1', { recordingId: id, mode: 'live' });
          });
          times.push(performance.now() - start);
        }
      }),
    );
    return times;
  }

  /** Share of the best hits, by full precision and without any index, that the search has as well. */
  async function recallOf(owners: number): Promise<number> {
    const random = randomFrom(99);
    let found = 0;
    for (let index = 0; index < RECALL_QUESTIONS; index++) {
      const owner = Math.floor(random() * owners);
      const question = questionFor(owner, PASSAGES, random);
      const stems = question.said.map((word) => vocabulary[word]!.stem);
      const terms = [...new Set(stems)];
      const passages = [...madePassages(owner, PASSAGES)].map(
        ({ vector, words }, position): FoundPassage => ({
          recordingId: '',
          index: position,
          similarity: vector.reduce((sum, value, d) => sum + value * question.vector[d]!, 0),
          length: words.length,
          frequencies: terms.map((term) => words.filter((word) => vocabulary[word]!.stem === term).length),
        }),
      );
      const meanLength = passages.reduce((sum, { length }) => sum + length, 0) / passages.length;
      const words = terms.map((term) => [term]);
      const keyword = keywordScores({ passages, meanLength }, passages.length, words, terms);
      const dense = Float32Array.from(passages, ({ similarity }) => similarity);
      const scores = hybridScores(dense, keyword.scores, rankingWeights);
      const { hits } = await ask(owner, question);
      const exact = new Set(best(passages, scores, HITS));
      const { recordings } = await store.read(ownerName(owner), (own) => own.listRecordings({ limit: 1000 }));
      const number = new Map(recordings.map(({ id }, index) => [id, index]));
      for (const { recordingId, startMs } of hits)
        if (exact.has(number.get(recordingId)! * PASSAGES_PER_RECORDING + startMs / PASSAGE_MS)) found++;
    }
    return found / (RECALL_QUESTIONS * HITS);
  }
}

function canDropCaches(): boolean {
  try {
    accessSync(DROP_CACHES, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function percentile(times: readonly number[], percent: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

function print(what: string, times: readonly number[]): void {
  const [p50, p95, p99] = [50, 95, 99].map((percent) => percentile(times, percent).toFixed(1).padStart(7));
  process.stdout.write(`${what.padEnd(62)} p50 ${p50}  p95 ${p95}  p99 ${p99} ms  (n ${times.length})\n`);
}

function target(what: string, met: boolean): void {
  process.stdout.write(`${met ? 'met    ' : 'MISSED '}${what}\n`);
  missed ||= !met;
}

function total(count: number): string {
  return count >= 1e6 ? `${count / 1e6} M` : count >= 1e3 ? `${count / 1e3} k` : String(count);
}
