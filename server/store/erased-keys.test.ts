import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SpeakrError } from '@speakr/contracts/problem';
import { systemClock } from '../clock.ts';
import { createKeyFile } from '../keys/key-file.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { createSpoken, OWNER } from './suite/samples.ts';

type Row = Record<string, string | number | Uint8Array | null>;

test('a running server does not open what was erased, though somebody puts its rows back', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'speakr-erased-'));
  const path = join(directory, 'speakr.db');
  const keys = createKeyFile({ path: join(directory, 'master.key') });
  const store = await openSqliteStore({ path, keys, clock: systemClock });
  const database = new DatabaseSync(path);
  t.after(async () => {
    database.close();
    await store.close();
    await rm(directory, { recursive: true });
  });
  const read = (id: string) => store.read(OWNER, (own) => own.getRecording(id));

  const id = await createSpoken(store, ['x']);
  await store.transaction(OWNER, (own) => own.updateRecording(id, { state: 'ready' }));
  assert.equal((await read(id))?.id, id);
  const row = database.prepare('select * from recordings where id = ?').get(id) as Row;
  assert.equal((await store.erase(OWNER)).recordings, 1);
  // Somebody of this name comes again, with a key of their own.
  await store.welcome(OWNER);
  const names = Object.keys(row);
  database
    .prepare(`insert into recordings (${names.join()}) values (${names.map(() => '?').join()})`)
    .run(...Object.values(row));
  await assert.rejects(read(id), (error) => error instanceof SpeakrError && error.code === 'key_missing');
});
