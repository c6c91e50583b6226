import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Kysely } from 'kysely';
import { repeatedQuery } from './repeated-query.ts';
import type { Queries } from './schema.ts';
import { nodeSqliteDialect } from './sqlite-dialect.ts';

const database = new DatabaseSync(':memory:');
database.exec(`
  create table shares (user_id text, recording_id text, shared_with text, created_at integer);
  insert into shares values
    ('ada', '1', 'bob', 10), ('ada', '2', 'bob', 20), ('ada', '3', 'cleo', 30), ('bob', '1', 'ada', 40);
`);
const db = new Kysely({ dialect: nodeSqliteDialect(database) }) as Queries;
after(() => db.destroy());

let built = 0;
const sharedBy = repeatedQuery(
  (db, readers: readonly string[] | undefined, owner: string, limit: number, before: number | undefined) => {
    built += 1;
    let query = db.selectFrom('shares').select('recording_id').where('created_at', '>', 0).limit(limit);
    if (before !== undefined) query = query.where('created_at', '<', before);
    if (readers !== undefined) query = query.where('shared_with', 'in', [...readers]);
    return query.where('user_id', '=', owner).orderBy('created_at');
  },
);
const ids = async (...values: [readonly string[] | undefined, string, number, number | undefined]) =>
  (await sharedBy(db, ...values)).map(({ recording_id }) => recording_id).join(' ');

test('values come to their places, in whatever order the query names them', async () => {
  assert.equal(await ids(undefined, 'ada', 10, undefined), '1 2 3');
  assert.equal(await ids(undefined, 'bob', 10, undefined), '1');
  assert.equal(await ids(undefined, 'ada', 2, undefined), '1 2');
  assert.equal(await ids(undefined, 'ada', 10, 30), '1 2');
  assert.equal(await ids(['bob'], 'ada', 10, 20), '1');
  assert.equal(await ids(['bob', 'cleo'], 'ada', 10, undefined), '1 2 3');
  assert.equal(await ids(['cleo', 'dora'], 'ada', 10, undefined), '3');
});

test('it is built once for each set of values that are there', async () => {
  const before = built;
  assert.equal(await ids(['bob', 'bob'], 'ada', 1, undefined), '1');
  assert.equal(await ids(undefined, 'ada', 1, 40), '1');
  assert.equal(built, before);
  assert.equal(await ids(['bob', 'bob', 'cleo'], 'ada', 3, undefined), '1 2 3');
  assert.equal(built, before + 1);
});

test('one that is the same value at two places gets it at both', async () => {
  const mutual = repeatedQuery((db, name: string) =>
    db
      .selectFrom('shares')
      .select('created_at')
      .where((where) => where.or([where('user_id', '=', name), where('shared_with', '=', name)])),
  );
  assert.equal((await mutual(db, 'cleo')).length, 1);
  assert.equal((await mutual(db, 'ada')).length, 4);
});
