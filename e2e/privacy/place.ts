import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { type TestSocket, testApp } from '../../server/fixtures/test-app.ts';
import { testFleet } from '../../server/fixtures/test-fleet.ts';
import { connectNats } from '../../server/nats/nats.ts';
import { silentLog } from '../../server/observability/log.ts';

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
  };
}

export async function hostedPlace(t: TestContext): Promise<Place> {
  const fleet = await testFleet(t);
  const server = await fleet.start(undefined, { turns });
  return {
    user: 'alex',
    url: server.url,
    other: 'maria',
    request: server.request,
    connect: server.connect,
    async traces(words) {
      const objects: string[] = [];
      for await (const { key } of fleet.storage.list(''))
        if (words.some((word) => key.includes(word))) objects.push(`object ${key}`);
      return [
        ...(await tracesInTables(fleet.urls.admin, words)),
        ...(await tracesInStreams(fleet.env.NATS_URL ?? '', words)),
        ...objects,
      ];
    },
  };
}

const gone = () => Buffer.alloc(0);

/** Byte by byte: what was deleted in a database file and is still there counts. */
async function tracesInFiles(directory: string, words: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(path).catch(gone) : Buffer.alloc(0);
    for (const word of words)
      if (path.slice(directory.length).includes(word) || content.includes(word))
        found.push(`${path}: ${word}`);
  }
  return found;
}

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
          if (new RegExp(`(^|[^a-z0-9])${word}($|[^a-z0-9])`, 'i').test(row))
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
