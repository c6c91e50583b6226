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
}

/**
 * Begins a transaction together with its first statement, waits for no commit of one that only read, and says in
 * speakr's words what PostgreSQL says, wherever it says it. Needs connections with `pipeline`.
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
        const { begin } = state;
        if (begin === undefined) return execute<R>(query).catch(rethrow);
        delete state.begin;
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
    if (isUnsent(state)) return;
    const committed = super.commitTransaction(
      connection as Parameters<PostgresDriver['commitTransaction']>[0],
    );
    if (!state.isReadOnly) return committed;
    // There is nothing to lose: whoever has the connection next is served behind it.
    committed.catch(() => {});
  }

  /** What went wrong before says more than that it cannot be undone; then the connection is thrown away. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (isUnsent(this.#stateOf(connection))) return;
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

/** A transaction without any statement. */
function isUnsent(state: State): boolean {
  const unsent = state.begin !== undefined;
  delete state.begin;
  return unsent;
}

function rethrow(error: unknown): never {
  throw translatePostgresError(error);
}
