import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { deadLetterSubject } from '../../server/bus/jetstream-streams.ts';
import { execute } from '../../server/fixtures/postgres-database.ts';
import { type TestSocket, testApp } from '../../server/fixtures/test-app.ts';
import { testFleet } from '../../server/fixtures/test-fleet.ts';
import { connectNats } from '../../server/nats/nats.ts';
import { silentLog } from '../../server/observability/log.ts';
import type { ObjectStorage } from '../../server/storage/storage.ts';

/** A server of one profile on its real services, and a look at everything that it keeps. */
export interface Place {
  readonly user: string;
  readonly url: string;
  /** Somebody else, where there is somebody. */
  readonly other: string | undefined;
  request(user: string, path: string, init?: RequestInit): Promise<Response>;
  connect(user: string): Promise<TestSocket>;
  /** Where one of the words stands, in every table, stream, object and file. */
  traces(words: readonly string[]): Promise<string[]>;
  /** Leaves a word in clear in a place of each kind that `traces` looks at, and takes it back. */
  canary(word: string): Promise<{ readonly kinds: readonly string[]; remove(): Promise<void> }>;
}

const turns = ['Alex will send the budget to Zanzibar by Friday.'];

export async function embeddedPlace(t: TestContext): Promise<Place> {
  const app = await testApp(t, { turns });
  return {
    user: 'local',
    url: app.url,
    other: undefined,
    request: (_, path, init) => app.request(path, init),
    connect: () => app.connect(),
    traces: (words) => tracesInFiles(app.dataDir, words),
    async canary(word) {
      const file = join(app.dataDir, 'canary');
      await writeFile(file, sentence(word));
      return { kinds: ['file'], remove: () => rm(file) };
    },
  };
}

export async function hostedPlace(t: TestContext): Promise<Place> {
  const fleet = await testFleet(t);
  const server = await fleet.start(undefined, { turns });
  const natsUrl = fleet.env.NATS_URL ?? '';
  return {
    user: 'alex',
    url: server.url,
    other: 'maria',
    request: server.request,
    connect: server.connect,
    traces: async (words) => [
      ...(await tracesInTables(fleet.urls.admin, words)),
      ...(await tracesInStreams(natsUrl, words)),
      ...(await tracesInObjects(fleet.storage, words)),
      // Whoever runs the server says in this one who may come.
      ...(await tracesInFiles(fleet.directory, words, ['tokens'])),
    ],
    async canary(word) {
      const file = join(fleet.directory, 'canary');
      await writeFile(file, sentence(word));
      await fleet.storage.create('canary', Readable.from([Buffer.from(sentence(word))]));
      await execute(fleet.urls.admin, 'create table speakr.canary (sealed bytea)');
      await execute(fleet.urls.admin, 'insert into speakr.canary values ($1)', [Buffer.from(sentence(word))]);
      const nats = await connectNats({ url: natsUrl, name: 'privacy test', log: silentLog });
      const { stream, seq } = await nats.js.publish(deadLetterSubject('notes'), sentence(word));
      return {
        kinds: ['file', 'object', 'table', 'stream'],
        async remove() {
          await rm(file);
          await fleet.storage.remove('canary');
          await execute(fleet.urls.admin, 'drop table speakr.canary');
          await nats.jsm.streams.deleteMessage(stream, seq);
          await nats.close();
        },
      };
    },
  };
}

const sentence = (word: string) => `They said ${word}, and nothing else.`;

const gone = () => Buffer.alloc(0);

/** Byte by byte: what was deleted in a database file and is still there counts. */
async function tracesInFiles(
  directory: string,
  words: readonly string[],
  except: readonly string[] = [],
): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (except.includes(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(path).catch(gone) : Buffer.alloc(0);
    for (const word of words)
      if (path.slice(directory.length).includes(word) || content.includes(word))
        found.push(`file ${path}: ${word}`);
  }
  return found;
}

async function tracesInObjects(storage: ObjectStorage, words: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of storage.list('')) {
    const content = await buffer(storage.read(key)).catch(gone);
    for (const word of words)
      if (key.includes(word) || content.includes(word)) found.push(`object ${key}: ${word}`);
  }
  return found;
}

/** As PostgreSQL writes what stands in a `bytea`. */
const inBytes = (word: string) => Buffer.from(word).toString('hex');

async function tracesInTables(url: string, words: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query(
      `select tablename from pg_tables where schemaname = 'speakr' and tablename not like 'passages\\__%'`,
    );
    const found: string[] = [];
    for (const { tablename } of tables.rows) {
      const { rows } = await client.query(`select t::text as row from speakr.${tablename} t`);
      // A word of the row, or a part of a field: `alex` is not in `alexander`.
      for (const { row } of rows as { row: string }[])
        for (const word of words)
          if (new RegExp(`(^|[^a-z0-9])${word}($|[^a-z0-9])`, 'i').test(row) || row.includes(inBytes(word)))
            found.push(`table ${tablename}: ${word}`);
    }
    return found;
  } finally {
    await client.end();
  }
}

async function tracesInStreams(url: string, words: readonly string[]): Promise<string[]> {
  const nats = await connectNats({ url, name: 'privacy test', log: silentLog });
  try {
    const found: string[] = [];
    for await (const { config, state } of nats.jsm.streams.list())
      for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq += 1) {
        const stored = await nats.jsm.streams.getMessage(config.name, { seq }).catch(() => null);
        const text = stored === null ? '' : `${stored.subject} ${stored.string()}`;
        for (const word of words) if (text.includes(word)) found.push(`stream ${config.name}: ${word}`);
      }
    return found;
  } finally {
    await nats.close();
  }
}
