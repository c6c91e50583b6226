import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { migrate, schemaVersion } from './sqlite-migrate.ts';
import { sqliteMigrations } from './sqlite-migrations.ts';

const schema = (database: DatabaseSync) =>
  database
    .prepare("select type, name, sql from sqlite_schema where name not like 'sqlite_%' order by type, name")
    .all()
    .map((row) => ({ ...row }));

describe('migrations', () => {
  it('of the store go back step by step and forward again to the same schema', () => {
    const database = new DatabaseSync(':memory:');
    const states = sqliteMigrations.map((_, index) => {
      migrate(database, sqliteMigrations, index + 1);
      return schema(database);
    });
    for (let version = sqliteMigrations.length - 1; version >= 0; version--) {
      migrate(database, sqliteMigrations, version);
      assert.deepEqual(schema(database), version === 0 ? [] : states[version - 1]);
    }
    migrate(database, sqliteMigrations);
    assert.deepEqual(schema(database), states.at(-1));
    database.close();
  });

  const steps = [
    { name: 'one', up: 'create table one (a)', down: 'drop table one' },
    { name: 'two', up: 'create table two (a); insert into two values (1)', down: 'drop table two' },
  ];

  it('leave the database as it was when a step fails', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database, steps, 1);
    const before = schema(database);
    const broken = [steps[0]!, { ...steps[1]!, up: 'create table two (a); insert into nowhere values (1)' }];
    assert.throws(() => migrate(database, broken), /nowhere/);
    assert.deepEqual(schema(database), before);
    assert.equal(schemaVersion(database), 1);
    migrate(database, steps);
    assert.equal(schemaVersion(database), 2);
    database.close();
  });

  it('refuse a database from the future and versions that do not exist', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database, steps);
    assert.throws(() => migrate(database, [steps[0]!]), { code: 'database_newer' });
    assert.throws(() => migrate(database, steps, 3), RangeError);
    assert.throws(() => migrate(database, steps, -1), RangeError);
    database.close();
  });
});
