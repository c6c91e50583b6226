import { CompiledQuery, type DatabaseConnection, PostgresDriver, type TransactionSettings } from 'kysely';
import type pg from 'pg';
import { hasStalePlan, isSilence, translatePostgresError } from './postgres-errors.ts';

/** Statements that a connection keeps parsed and planned, at most: each takes some ten kilobytes of the server. */
const MOST_PREPARED = 300;
/** Longer ones are lists of rows, hardly ever as long again, characters. */
const LONGEST_PREPARED = 2000;

/** Gives the statements that come first a name, under which a connection keeps them parsed and planned. */
export function statementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= MOST_PREPARED || text.length > LONGEST_PREPARED) return known;
    const name = `speakr_${names.size}`;
    names.set(text, name);
    return name;
  };
}

/**
 * Has a connection of a pool keep statements prepared, put what is sent at once into one packet, and end when nobody
 * may be given it again: when it did not answer in time it may answer still, and a plan from before a migration stays.
 */
export function tuneClient(client: pg.PoolClient, nameOf: (text: string) => string | undefined): void {
  const query = client.query.bind(client) as (config: pg.QueryConfig) => Promise<pg.QueryResult>;
  const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream & Corked } })
    .connection;
  const tuned = async (text: string, values?: readonly unknown[]) => {
    stream.cork();
    process.nextTick(() => stream.uncork());
    const hasValues = values !== undefined && values.length > 0;
    const name = hasValues ? nameOf(text) : undefined;
    try {
      const result = await query({
        text,
        ...(hasValues ? { values: [...values] } : {}),
        ...(name === undefined ? {} : { name }),
      });
      // Of several statements in one text, each has one: the last is what was asked for.
      return Array.isArray(result) ? (result as pg.QueryResult[]).at(-1) : result;
    } catch (error) {
      // Not awaited: that would take as long again.
      if (isSilence(error) || hasStalePlan(error))
        void (client as unknown as pg.Client).end().catch(() => {});
      throw error;
    }
  };
  client.query = tuned as typeof client.query;
}

interface Corked {
  cork(): void;
  uncork(): void;
}

/** Work that is sent off behind something else: when that failed, that is why. */
export async function behind<T>(first: Promise<unknown>, work: () => Promise<T>): Promise<T> {
  first.catch(() => {});
  try {
    return await work();
  } finally {
    await first;
  }
}

/** What is known of the transaction on a connection. */
interface State {
  /** The statement that begins it, until it is sent. */
  begin?: string;
  isReadOnly: boolean;
  /** Set while one that only read is over and the database does not know: commits it. */
  commit?: NodeJS.Immediate;
}

/**
 * Begins a transaction together with its first statement and, where another one follows at once, with the commit of one
 * that only read, which nobody waits for; each packet less is a tenth of what a short read costs. Says in speakr's words
 * what PostgreSQL says, wherever it says it. Needs connections with `pipeline`.
 */
export class PipeliningDriver extends PostgresDriver {
  readonly #states = new WeakMap<DatabaseConnection, State>();

  override async acquireConnection(
    options?: Parameters<PostgresDriver['acquireConnection']>[0],
  ): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection(options).catch(rethrow);
    if (!this.#states.has(connection)) {
      const state: State = { isReadOnly: false };
      this.#states.set(connection, state);
      const execute: DatabaseConnection['executeQuery'] = connection.executeQuery.bind(connection);
      connection.executeQuery = <R>(query: CompiledQuery) => {
        const begin = [...takeCommit(state), ...takeBegin(state)].join('; ');
        if (begin === '') return execute<R>(query).catch(rethrow);
        // Statements without values may go as one.
        if (query.parameters.length === 0)
          return execute<R>(CompiledQuery.raw(`${begin}; ${query.sql}`)).catch(rethrow);
        return behind(execute(CompiledQuery.raw(begin)), () => execute<R>(query)).catch(rethrow);
      };
    }
    return connection;
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    const state = this.#stateOf(connection);
    const level = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`;
    state.begin = `start transaction${level}${accessMode === undefined ? '' : ` ${accessMode}`}`;
    state.isReadOnly = accessMode === 'read only';
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const state = this.#stateOf(connection);
    if (takeBegin(state).length > 0) return;
    const commit = () =>
      super.commitTransaction(connection as Parameters<PostgresDriver['commitTransaction']>[0]);
    if (!state.isReadOnly) return commit();
    // There is nothing to lose: whoever has the connection next takes it along, or is served behind it.
    state.commit = setImmediate(() => {
      delete state.commit;
      commit().catch(() => {});
    });
  }

  /** What went wrong before says more than that it cannot be undone; then the connection is thrown away. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (takeBegin(this.#stateOf(connection)).length > 0) return;
    await super
      .rollbackTransaction(connection as Parameters<PostgresDriver['rollbackTransaction']>[0])
      .catch(() => {});
  }

  #stateOf(connection: DatabaseConnection): State {
    const state = this.#states.get(connection);
    if (state === undefined) throw new Error('the connection is not one of this driver');
    return state;
  }
}

/** The statement that begins a transaction, when it was not sent: the transaction has had no other. */
function takeBegin(state: State): string[] {
  const { begin } = state;
  delete state.begin;
  return begin === undefined ? [] : [begin];
}

/** The statement that ends the transaction before, when it was not sent. */
function takeCommit(state: State): string[] {
  if (state.commit === undefined) return [];
  clearImmediate(state.commit);
  delete state.commit;
  return ['commit'];
}

function rethrow(error: unknown): never {
  throw translatePostgresError(error);
}
